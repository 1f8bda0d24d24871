using System.Net;
using System.Reflection;
using AngleSharp.Html.Parser;
using InviteAdmin.Access;
using InviteAdmin.Tests.Browser;
using InviteAdmin.Tests.Public;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Matrix;

/// <summary>Every page as every role: whether it opens, which of its controls work, and what it says where they do not. And every page with an address full of nonsense.</summary>
public sealed class PageMatrixTests(DemoApp demo) : IClassFixture<DemoApp>
{
    private const string FailedToLoad = "This could not be loaded";

    private static readonly (string Method, string Pattern, Permission Needs)[] Files =
    [
        ("GET", "/admin/audit.csv", Permission.Read),
        ("GET", "/admin/campaigns/{slug}/codes.csv", Permission.Read),
        ("GET", "/admin/codes.csv", Permission.Read),
        ("GET", "/admin/codes/{code}/qr.png", Permission.Read),
        ("GET", "/admin/codes/{code}/qr.svg", Permission.Read),
        ("GET", "/admin/export.zip", Permission.Release),
        ("GET", "/admin/insights/people.csv", Permission.Read),
        ("GET", "/admin/people.csv", Permission.Read),
        ("GET", "/admin/referrals.csv", Permission.Read),
        ("GET", "/admin/rollout.csv", Permission.Read),
        ("POST", "/admin/settings/logo", Permission.Release),
        ("GET", "/admin/waitlist.csv", Permission.Read),
        ("GET", "/admin/waitlist/import/{operation}/rejected.csv", Permission.Release),
        ("POST", "/admin/waitlist/import/file", Permission.Release),
    ];

    private static readonly string[] Nonsense =
    [
        "page=-1&sort=xyz&q=%00", "page=2147483647&size=0", "page=99999999999999999999&tab=none&section=7", "q=%C3%28&state=%27%3B--&show=%F0%9F%92%A5", "page=1e9&page=2&sort=&desc=maybe",
        "edit=-5&person=%2e%2e%2f&job=%22%3E%3Cscript%3E&process=%00%01", "range=-&from=9999-99-99&to=0000-00-00&days=-1&month=13&week=x", "q=" + "%25_%5C" + "&count=-3&code=%E2%80%AE", "=&&&;;?%", "tab=runs&page=10000000&failed=yes", "source=%00&show=nobody&template=%27&state=dead%00&before=-1&recipient=%25",
    ];

    public static IEnumerable<object[]> Roles => Role.All.Select(r => new object[] { r });

    [Fact]
    public void Pages_OfTheDashboard_AreAllInTheTable() => Assert.Equal(PageTable.All.Select(p => p.Template).Append(PageTable.Gallery).Order(StringComparer.Ordinal), typeof(Program).Assembly.GetTypes()
        .SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).Select(r => r.Template).Where(t => t.StartsWith("/admin", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public void Files_OfTheDashboard_AreAllInTheTable() => Assert.Equal(Files.Select(f => $"{f.Method} {f.Pattern}").Order(StringComparer.Ordinal), demo.App.Services.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText is { } text && text.StartsWith("/admin", StringComparison.Ordinal) && e.Metadata.All(m => !m.GetType().Name.Contains("ComponentTypeMetadata", StringComparison.Ordinal)))
        .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText}") ?? []).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Page_EveryOne_OpensAndOffersWhatTheRoleMay(string role)
    {
        using var client = await As(role);
        var may = Role.Permissions(role);
        var wrong = new List<string>();
        foreach (var row in PageTable.All)
        {
            var path = await row.Path(demo);
            var page = await client.Get(path);
            if (!may.Contains(row.Opens))
            {
                if (page.Status != HttpStatusCode.Forbidden || !Decoded(page).Contains($"the role {Role.Having(row.Opens)}", StringComparison.Ordinal)) wrong.Add($"{path}: {page.Status}, and does not say who may");
                continue;
            }

            if ((int)page.Status != row.Status || Decoded(page).Contains(FailedToLoad, StringComparison.Ordinal)) wrong.Add($"{path}: {(int)page.Status}");
            var controls = Controls(page);
            wrong.AddRange(controls.Where(c => c.Enabled != c.Needs.Any(may.Contains)).Select(c => $"{path}: “{c.Text}” needs {string.Join(" or ", c.Needs)} and is {(c.Enabled ? "enabled" : "disabled")}"));
            wrong.AddRange(controls.Where(c => !c.Needs.Any(may.Contains) && !c.Why.Contains(Role.Having(c.Needs[0], c.Needs is [_, var or] ? or : null), StringComparison.Ordinal)).Select(c => $"{path}: “{c.Text}” does not say who may"));
            // An owner sees every control; what others do not see at all is theirs to miss.
            if (role == Role.Owner && !controls.SelectMany(c => c.Needs).Distinct().Order().SequenceEqual(row.Controls.Order())) wrong.Add($"{path}: its controls need {string.Join(", ", controls.SelectMany(c => c.Needs).Distinct().Order())}");
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task File_EveryOne_IsGivenToWhoMay(string role)
    {
        using var client = await As(role);
        var may = Role.Permissions(role);
        foreach (var (method, pattern, needs) in Files)
        {
            var path = System.Text.RegularExpressions.Regex.Replace(pattern, @"\{[^}]*\}", "x");
            var answer = method == "GET" ? await client.Get(path) : await client.Post(path, new StringContent(""));
            var refused = answer.Location?.Contains("/admin/not-allowed", StringComparison.Ordinal) == true;
            Assert.True((int)answer.Status < 500 && refused == !may.Contains(needs), $"{method} {path} as {role}: {answer.Status} {answer.Location}");
            if (refused) (await client.Get(new Uri(answer.Location!).PathAndQuery)).Expect(403, $"the role {Role.Having(needs)}");
        }
    }

    [Fact]
    public async Task Page_EveryOneWithNonsenseInItsAddress_IgnoresIt()
    {
        using var client = await As(Role.Owner);
        var wrong = new List<string>();
        foreach (var row in PageTable.All)
            foreach (var query in Nonsense)
            {
                var path = $"{await row.Path(demo)}?{query}";
                var page = await client.Get(path);
                if ((int)page.Status != row.Status || Decoded(page).Contains(FailedToLoad, StringComparison.Ordinal)) wrong.Add($"{path}: {(int)page.Status}");
            }

        foreach (var (method, pattern, _) in Files.Where(f => f.Method == "GET"))
            foreach (var query in Nonsense)
            {
                var answer = await client.Get($"{System.Text.RegularExpressions.Regex.Replace(pattern, @"\{[^}]*\}", "x")}?{query}");
                if ((int)answer.Status >= 500) wrong.Add($"{method} {pattern}?{query}: {(int)answer.Status}");
            }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Page_OfSomethingThatIsNotThere_SaysSoInsideTheFrame()
    {
        using var client = await As(Role.Viewer);
        foreach (var path in PageTable.All.Select(p => p.Missing).OfType<string>().Concat(["/admin/no.such.file", "/admin/people/%F0%9F%92%A5", "/admin/codes/%3Cb%3E", "/admin/cohorts/-1/people"]))
        {
            var page = await client.Get(path);
            Assert.True(page.Status == HttpStatusCode.NotFound, $"{path}: {page.Status}");
            var document = new HtmlParser().ParseDocument(page.Html);
            Assert.NotNull(document.QuerySelector("nav[aria-label=Main]"));
            Assert.NotEmpty(document.QuerySelector("main h1")!.TextContent.Trim());
            Assert.NotNull(document.QuerySelector("main .blank a.button"));
        }
    }

    private async Task<FormClient> As(string role)
    {
        var client = new FormClient(demo.App);
        var account = SignedIn.As(role);
        await client.Send("/sign-in", "/sign-in", ("email", account.Email), ("password", account.Password));
        return client;
    }

    private static string Decoded(Page page) => WebUtility.HtmlDecode(page.Html);

    /// <summary>The buttons of the page itself that name a permission, not those of the frame.</summary>
    private static List<(Permission[] Needs, bool Enabled, string Text, string Why)> Controls(Page page) => [.. new HtmlParser().ParseDocument(page.Html).QuerySelectorAll("main [data-needs]").Select(b =>
        (b.GetAttribute("data-needs")!.Split(' ').Select(n => Enum.Parse<Permission>(n)).ToArray(), b.GetAttribute("aria-disabled") != "true", b.TextContent.Trim(), b.GetAttribute("title") ?? ""))];
}
