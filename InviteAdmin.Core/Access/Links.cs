using Microsoft.Extensions.Options;

namespace InviteAdmin.Access;

/// <summary>The links that stand in mails and answers.</summary>
public sealed class Links(IOptions<AppOptions> options)
{
    private readonly string _root = options.Value.PublicUrl.TrimEnd('/');

    /// <param name="path">With its slash.</param>
    public string To(string path) => _root + path;

    public string Join(string referralToken) => $"{_root}/waitlist?ref={referralToken}";

    public string JoinFrom(string sourceSlug) => $"{_root}/waitlist?src={sourceSlug}";

    public string Status(string statusToken) => $"{_root}/waitlist/status/{statusToken}";

    public string Confirm(string confirmToken) => $"{_root}/waitlist/confirm/{confirmToken}";

    public string Signup(string shownCode) => $"{_root}/signup?code={Uri.EscapeDataString(shownCode)}";

    public string Unsubscribe(string token) => $"{_root}/unsubscribe/{token}";

    /// <summary>A page of the dashboard.</summary>
    public string Admin(string path) => $"{_root}/admin{path}";
}
