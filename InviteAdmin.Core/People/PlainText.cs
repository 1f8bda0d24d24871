using System.Globalization;
using System.Text;

namespace InviteAdmin.People;

/// <summary>Text that can be stored, shown and mailed: well-formed UTF-16 without control or direction-override characters.</summary>
public static class PlainText
{
    public static bool IsClean(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var used) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF or 0xFFFE or 0xFFFF)
            {
                return false;
            }

            text = text[used..];
        }

        return true;
    }
}
