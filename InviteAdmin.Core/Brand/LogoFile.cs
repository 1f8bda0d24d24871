using System.Buffers.Binary;

namespace InviteAdmin.Brand;

/// <summary>
/// Reads what a picture is from its first bytes, whatever its name says: PNG (w3.org/TR/png-3), JPEG (ITU T.81) or WebP (RFC 9649), and how large. Nothing is decoded.
/// What could carry a script, such as SVG, is none of them.
/// </summary>
public static class LogoFile
{
    public const int MostBytes = 256 * 1024;

    /// <summary>Of either side.</summary>
    public const int MostPixels = 4096;

    /// <summary>The type and size, or a sentence that says what is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, out (string MediaType, int Width, int Height) facts, out string why)
    {
        facts = Png(file) ?? Jpeg(file) ?? WebP(file) ?? default;
        why = file.Length switch
        {
            0 => "The file is empty.",
            > MostBytes => "The logo may have at most 256 KB.",
            _ when facts.MediaType is null => "The logo must be a PNG, JPEG or WebP picture.",
            _ when facts.Width < 1 || facts.Height < 1 || facts.Width > MostPixels || facts.Height > MostPixels => "The logo may be at most 4,096 pixels wide and high.",
            _ => "",
        };
        return why.Length == 0;
    }

    private static (string, int, int)? Png(ReadOnlySpan<byte> file) =>
        file.Length >= 33 && file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) && file[12..16].SequenceEqual("IHDR"u8)
            ? ("image/png", Size(BinaryPrimitives.ReadUInt32BigEndian(file[16..])), Size(BinaryPrimitives.ReadUInt32BigEndian(file[20..])))
            : null;

    // The frame header, which says the size, stands behind any number of other segments.
    private static (string, int, int)? Jpeg(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return null;
        }

        for (var at = 2; at + 9 < file.Length && file[at] == 0xFF;)
        {
            var marker = file[at + 1];
            if (marker is 0xFF or 0x01 or (>= 0xD0 and <= 0xD7))
            {
                at += marker == 0xFF ? 1 : 2;
                continue;
            }

            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return ("image/jpeg", BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]));
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }

        return null;
    }

    private static (string, int, int)? WebP(ReadOnlySpan<byte> file)
    {
        if (file.Length < 30 || !file.StartsWith("RIFF"u8) || !file[8..12].SequenceEqual("WEBP"u8))
        {
            return null;
        }

        var kind = file[12..16];
        if (kind.SequenceEqual("VP8X"u8))
        {
            return ("image/webp", 1 + (file[24] | (file[25] << 8) | (file[26] << 16)), 1 + (file[27] | (file[28] << 8) | (file[29] << 16)));
        }

        if (kind.SequenceEqual("VP8L"u8) && file[20] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(file[21..]);
            return ("image/webp", 1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF));
        }

        return kind.SequenceEqual("VP8 "u8) && file[23..26].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A])
            ? ("image/webp", BinaryPrimitives.ReadUInt16LittleEndian(file[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(file[28..]) & 0x3FFF)
            : null;
    }

    private static int Size(uint pixels) => pixels > MostPixels ? MostPixels + 1 : (int)pixels;
}
