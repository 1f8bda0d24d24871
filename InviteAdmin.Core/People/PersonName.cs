using System.Text.RegularExpressions;

namespace InviteAdmin.People;

/// <summary>The rule for a person's name. Names that carry a web address are spam that our mails would deliver, so they are refused.</summary>
public static partial class PersonName
{
    public const int MostCharacters = 200;

    public static bool TryParse(string? value, out string name, out string why)
    {
        name = value?.Trim() ?? "";
        why = name switch
        {
            "" => "Name is needed.",
            { Length: > MostCharacters } => $"Name may have at most {MostCharacters} characters.",
            _ when !PlainText.IsClean(name) => "Name holds characters that cannot be shown.",
            _ when WebAddress().IsMatch(name) => "Name may not hold a web address.",
            _ => "",
        };
        return why.Length == 0;
    }

    [GeneratedRegex(@"://|\bwww\.|\b[\p{L}\p{N}-]+\.(com|net|org|info|biz|io|co|ru|cn|xyz|top|site|online|shop|link|click|me|ly|app|dev)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex WebAddress();
}
