namespace InviteAdmin.Public;

/// <summary>Where a link can be shared: plain addresses that the person opens, so that nobody is told of anybody who does not.</summary>
public static class ShareLinks
{
    /// <summary>One way to share.</summary>
    public sealed record Way(string Name, string Href);

    /// <param name="text">What is said beside the link.</param>
    /// <param name="mail">What mail is called.</param>
    public static IReadOnlyList<Way> Of(string link, string text, string mail)
    {
        var (at, saying) = (Uri.EscapeDataString(link), Uri.EscapeDataString(text));
        return
        [
            new(mail, $"mailto:?subject={saying}&body={Uri.EscapeDataString($"{text}\n{link}")}"),
            new("WhatsApp", $"https://wa.me/?text={Uri.EscapeDataString($"{text} {link}")}"),
            new("X", $"https://x.com/intent/post?text={saying}&url={at}"),
            new("LinkedIn", $"https://www.linkedin.com/sharing/share-offsite/?url={at}"),
        ];
    }
}
