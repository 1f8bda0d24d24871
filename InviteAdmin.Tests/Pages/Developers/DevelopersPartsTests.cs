using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Developers;
using InviteAdmin.Tests.Pages.Workspace;

namespace InviteAdmin.Tests.Pages.Developers;

public sealed class DevelopersPartsTests : StaffContext
{
    private const string Nasty = "<b>Bea</b> \u202Eevil " + "long";
    private static readonly DateTimeOffset At = new(2026, 11, 22, 9, 30, 0, TimeSpan.Zero);
    private static readonly KeyRow Key = new("key_1", Nasty, "ia_7F3KQ2", ["join", "read"], "active", "Olive", At, null, null, null, null, null, null, null);
    private static readonly RequestLine Line = new(7, At, 1.25, "POST", "/api/v1/waitlist", "/api/v1/waitlist", 422, "validation", "key_1", "Backend", "once", true, "0HN:1", """{"email":"[email]"}""");

    [Fact]
    public void Snippets_EveryLanguageAndTask_CarryAddressAndKeyOrSayWhereItGoes()
    {
        SignInAs(Role.Developer);
        foreach (var language in Enum.GetValues<SnippetLanguage>())
            foreach (var task in Enum.GetValues<SnippetTask>())
            {
                var part = Start(new() { In = language, Do = task }, "dev_key");
                Assert.Contains("https://launch.example.com/", part.Find("pre code").TextContent, StringComparison.Ordinal);
                // A page is read by everybody: the form and the widget carry no key.
                Assert.Equal(language is not (SnippetLanguage.Form or SnippetLanguage.Widget), part.Find("pre code").TextContent.Contains("dev_key", StringComparison.Ordinal));
                Assert.Equal(part.Find("pre code").TextContent, part.Find("[data-copy]").GetAttribute("data-copy"));
                Assert.Equal(language is not (SnippetLanguage.Form or SnippetLanguage.Widget), Start(new() { In = language, Do = task }, null).Markup.Contains(Snippets.NoKey, StringComparison.Ordinal));
            }
    }

    [Fact]
    public void Keys_NoneOneAndOneWithTwoSecrets_EachSaysItsState()
    {
        SignInAs(Role.Owner);
        Assert.Contains("No keys yet", KeysOf([]).Markup, StringComparison.Ordinal);

        var rolled = Key with { Id = "key_2", Name = "Rolled", PreviousPrefix = "ia_9ZTAB4", PreviousUntil = At.AddDays(1), LastUsedAt = At };
        var part = KeysOf([Key, rolled, Key with { Id = "key_3", State = "revoked", EndedAt = At, RevokedBy = "Olive" }]);
        var rows = part.FindAll("tbody tr");
        Assert.Contains("&lt;b&gt;Bea", rows[0].InnerHtml, StringComparison.Ordinal);
        Assert.Contains("not yet", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Equal(["Roll…", "Revoke…"], rows[0].QuerySelectorAll("button[data-needs]").Select(b => b.TextContent.Trim()));
        Assert.Contains("not used since the roll", rows[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("End old secret", rows[1].TextContent, StringComparison.Ordinal);
        Assert.Empty(rows[2].QuerySelectorAll("button[data-needs]"));
    }

    [Fact]
    public void Keys_JustMade_AreShownOnceWithAWayToCopy()
    {
        SignInAs(Role.Owner);
        var part = KeysOf([Key], new("key_1", "ia_SECRET"));
        Assert.Equal("ia_SECRET", part.Find("[role=status] [data-copy]").GetAttribute("data-copy"));
    }

    [Fact]
    public void Requests_NoneMatchingAndFilled_SayWhatTheyAre()
    {
        SignInAs(Role.Developer);
        Assert.Contains("No requests yet", Log([], new() { Tab = DevelopersTab.Requests }).Markup, StringComparison.Ordinal);
        Assert.Contains("Nothing matches", Log([], new() { Tab = DevelopersTab.Requests, Status = 5 }).Markup, StringComparison.Ordinal);

        var part = Log([Line, Line with { Id = 6, Status = 201, Problem = null, KeyId = null, KeyName = null, Replayed = false, Body = null, IdempotencyKey = null }], new() { Tab = DevelopersTab.Requests, Status = 422 }, missed: 1_200);
        Assert.Contains("1,200 requests of the last day came too fast", part.Markup, StringComparison.Ordinal);
        Assert.Equal("/problems/validation", part.Find("td a[href^='/problems']").GetAttribute("href"));
        Assert.Contains("-H 'Idempotency-Key: once'", part.Find("details [data-copy^=curl]").GetAttribute("data-copy"), StringComparison.Ordinal);
        Assert.Equal("422", part.Find("#status option[value='422']").TextContent);
        Assert.Contains("answered from an earlier one", part.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void View_Nonsense_IsLeftOut()
    {
        Assert.Equal(new RequestFilter(), new DevelopersView { Call = "DROP TABLE", Status = 17, Key = "'; --", Id = "  " }.Filter());
        Assert.Equal(new RequestFilter("GET", "/api/v1/codes/{code}", 4, "none", "x"), new DevelopersView { Call = "GET /api/v1/codes/{code}", Status = 4, Key = "none", Id = " x " }.Filter());
    }

    private IRenderedComponent<SnippetPart> Start(DevelopersView view, string? key) =>
        Render<SnippetPart>(p => p.Add(c => c.View, view).Add(c => c.Address, "https://launch.example.com").Add(c => c.Key, key).Add(c => c.Href, v => $"/admin/developers?{v.Tab}"));

    private IRenderedComponent<KeyPart> KeysOf(IReadOnlyList<KeyRow> keys, NewKey? made = null) => Render<KeyPart>(p => p.Add(c => c.Keys, keys).Add(c => c.Made, made));

    private IRenderedComponent<RequestPart> Log(IReadOnlyList<RequestLine> rows, DevelopersView view, long missed = 0) => Render<RequestPart>(p => p
        .Add(c => c.Facts, new DevelopersFacts([Key], new(rows, false, missed))).Add(c => c.View, view).Add(c => c.Calls, ["POST /api/v1/waitlist"]).Add(c => c.Address, "https://launch.example.com")
        .Add(c => c.Href, v => $"/admin/developers?status={v.Status}").Add(c => c.OnView, _ => { }));
}
