using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace InviteAdmin.Api;

/// <summary>
/// Where a page of a list ended, as text a caller passes on and does not read: the list's name, what was asked of it, and the key of the last row. A key and not a
/// number of rows, so that nothing is skipped or shown twice when rows are written between two pages.
/// </summary>
internal static class Cursor
{
    private const int MostCharacters = 400;

    /// <param name="list">The list, with whatever it was narrowed to.</param>
    /// <param name="place">The key of the page's last row.</param>
    public static string Of(string list, string place) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes($"{place} {list}"));

    /// <summary>The place a cursor of this list names; false when it is no cursor, or that of another list.</summary>
    public static bool TryRead(string cursor, string list, out string place)
    {
        place = "";
        if (cursor.Length > MostCharacters)
        {
            return false;
        }

        try
        {
            var text = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(cursor));
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            if (space < 1 || text[(space + 1)..] != list)
            {
                return false;
            }

            place = text[..space];
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    public static IResult Refusal() => Problem.OfField("cursor", "Cursor must be the nextCursor of the page before, of the same list and with the same query.");
}
