using System.Net;
using System.Text.RegularExpressions;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Public;

/// <summary>A browser without scripts: keeps cookies, follows no redirects, sends the forms it was shown.</summary>
public sealed partial class FormClient : IDisposable
{
    private readonly HttpClient _http;

    public FormClient(RunningApp app) : this(app.Address)
    {
    }

    public FormClient(Uri address) =>
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address };

    public async Task<Page> Get(string path)
    {
        using var response = await _http.GetAsync(path);
        return await Page.Of(response);
    }

    /// <summary>Sends a form with the hidden fields of the page it stands on.</summary>
    public async Task<Page> Send(string shownAt, string to, params (string Name, string Value)[] fields)
    {
        var shown = await Get(shownAt);
        var hidden = Hidden().Matches(shown.Html).Select(m => KeyValuePair.Create(m.Groups["name"].Value, m.Groups["value"].Value));
        var all = hidden.Where(h => fields.All(f => f.Name != h.Key)).Concat(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        return await Post(to, new FormUrlEncodedContent(all));
    }

    public async Task<Page> Post(string to, HttpContent content)
    {
        using var response = await _http.PostAsync(to, content);
        return await Page.Of(response);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\"( value=\"(?<value>[^\"]*)\")?")]
    private static partial Regex Hidden();
}

/// <summary>A page as it came.</summary>
public sealed record Page(HttpStatusCode Status, string Html, string? Location, IReadOnlyDictionary<string, string> Headers)
{
    public static async Task<Page> Of(HttpResponseMessage response) => new(
        response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.ToString(),
        response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(",", h.Value)));

    public Page Expect(int status, params string[] texts)
    {
        Assert.True((int)Status == status, $"Expected {status}, got {(int)Status}: {Html}");
        var text = WebUtility.HtmlDecode(Html);
        Assert.All(texts, t => Assert.Contains(t, text, StringComparison.Ordinal));
        return this;
    }
}
