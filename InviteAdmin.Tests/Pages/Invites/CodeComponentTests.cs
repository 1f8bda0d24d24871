using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Campaigns;
using InviteAdmin.Components.Pages.Invites;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Tests.Pages.Invites;

/// <summary>The pages of codes and campaigns in each of their states, on a running app's services without a browser.</summary>
public sealed class CodeComponentTests : BunitContext, IClassFixture<RunningApp>
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly RunningApp _app;

    public CodeComponentTests(RunningApp app)
    {
        _app = app;
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddLogging();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(app.Services.GetRequiredService<ChangeFeed>());
        Services.AddSingleton(app.Services.GetRequiredService<WorkspaceZone>());
        Services.AddSingleton(app.Services.GetRequiredService<IOptions<InvitesOptions>>());
        Services.AddScoped<LiveSession>();
        Services.AddScoped<Notices>();
        Services.AddScoped<SignedInStaff>();
        Services.AddScoped(s => new AsStaff(_app.Services.GetRequiredService<IServiceScopeFactory>(), s.GetRequiredService<SignedInStaff>(), s.GetRequiredService<ChangeFeed>()));
    }

    [Fact]
    public void Codes_NoneYet_SaysWhatTheyAreAndOffersToMint()
    {
        SignIn(Role.Growth);
        var page = Render<CodesPage>();
        page.WaitForState(() => page.FindAll(".blank").Count > 0);

        Assert.Equal("No code yet", page.Find(".blank h2").TextContent);
        Assert.Equal("/admin/campaigns", page.Find(".blank a.main").GetAttribute("href"));
        Assert.Equal("/admin/codes.csv", page.Find("a[download]").GetAttribute("href"));
    }

    [Fact]
    public void Codes_NothingMatches_OffersToClearTheFilters()
    {
        SignIn(Role.Viewer);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/admin/codes?kind=vip&q=nobody");
        var page = Render<CodesPage>();
        page.WaitForState(() => page.FindAll(".blank").Count > 0);

        Assert.Equal("Nothing matches", page.Find(".blank h2").TextContent);
        Assert.Equal("/admin/codes", page.Find(".blank a").GetAttribute("href"));
        Assert.Equal(("vip", "nobody"), (page.Find("#kind").GetAttribute("value"), page.Find("#q").GetAttribute("value")));
        Assert.Equal("true", Button(page, "VIP code…").GetAttribute("aria-disabled"));
    }

    [Fact]
    public void Code_Unknown_IsANoteInTheFrame()
    {
        SignIn(Role.Support);
        var page = Render<CodePage>(p => p.Add(c => c.Code, "NO-SUCH-CODE"));
        page.WaitForState(() => page.FindAll(".blank").Count > 0);

        Assert.Equal("No code reads like this", page.Find(".blank h2").TextContent);
    }

    [Fact]
    public void Campaigns_NoneYet_SaysWhatTheyAre()
    {
        SignIn(Role.Viewer);
        var page = Render<CampaignsPage>();
        page.WaitForState(() => page.FindAll(".blank").Count > 0);

        Assert.Equal("No campaign yet", page.Find(".blank h2").TextContent);
        Assert.Contains("Owner or Growth", Button(page, "Mint codes…").GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void Table_NamesThatWouldBreakIt_AreTextAndLeadWhereTheyShould()
    {
        var rows = new[]
        {
            Row("VIP0-0000-0001", "vip", "active") with { Person = "<script>alert(1)</script>" },
            Row("LEAF-0000-0000-0001", "campaign", "exhausted") with { Campaign = "שלום " + new string('x', 200), CampaignSlug = "x-1" },
            Row("0000-0000-0002", "personal", "expired") with { Person = "Ann", PersonId = "usr_1" },
        };
        var table = Render<CodesTable>(p => p.Add(t => t.View, new CodesView()).Add(t => t.Rows, rows).Add(t => t.Href, v => UrlState<CodesView>.Href("/admin/codes", v)));

        Assert.Empty(table.FindAll("script"));
        Assert.Equal(["/admin/campaigns/x-1", "/admin/people/usr_1"], table.FindAll("td.for a").Select(a => a.GetAttribute("href")));
        Assert.Equal(["Active", "Used up", "Expired"], table.FindAll(".state").Select(s => s.LastChild!.TextContent));
        Assert.Equal(["/admin/codes?sort=oldest", "/admin/codes?sort=ending"], table.FindAll("th a").Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public void Table_OfExpiredCodes_OffersNoOrderThatHasNoIndex() =>
        Assert.Empty(Render<CodesTable>(p => p.Add(t => t.View, new CodesView { State = CodeState.Expired }).Add(t => t.Rows, [Row("0000-0000-0002", "personal", "expired")]).Add(t => t.Href, _ => "")).FindAll("th a"));

    [Fact]
    public void Revoking_SaysWhatEndsAndWhatStays()
    {
        Assert.Equal("41 people who used it keep access; 59 unused uses end.", CodeWords.Revoking(Detail("campaign", 41, 100)));
        Assert.Equal("1 person who used it keeps access; 1 unused use ends.", CodeWords.Revoking(Detail("campaign", 1, 2)));
        Assert.Equal("1 unused use ends. Ann waits again at their old place, and mail that has not left is cancelled.", CodeWords.Revoking(Detail("waitlist", 0, 1)));
    }

    [Theory]
    [InlineData(Role.Growth, "campaign", "Extend…,Change limit…,Revoke…", 0)]
    [InlineData(Role.Support, "campaign", "Extend…,Change limit…,Revoke…", 1)]
    [InlineData(Role.Viewer, "personal", "Extend…,Revoke…", 2)]
    public void Actions_ByRoleAndKind_AreShownAndThoseOneMayNotUseAreDisabled(string role, string kind, string buttons, int disabled)
    {
        SignIn(role);
        var actions = Render<CodeActions>(p => p.Add(a => a.Detail, Detail(kind, 1, 5)));

        Assert.Equal(buttons.Split(','), actions.FindAll("button").Select(b => buttons.Split(',').Single(l => b.TextContent.Contains(l, StringComparison.Ordinal))));
        Assert.Equal(disabled, actions.FindAll("button[aria-disabled=true]").Count);
    }

    [Fact]
    public void Actions_OfARevokedCode_AreNone()
    {
        SignIn(Role.Owner);
        Assert.Empty(Render<CodeActions>(p => p.Add(a => a.Detail, Detail("campaign", 1, 5) with { State = "revoked" })).FindAll("button"));
    }

    [Fact]
    public void MintForm_ShowsALiveSampleWithItsOdds()
    {
        SignIn(Role.Growth);
        var form = Render<MintForm>();
        Assert.Matches("^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$", form.Find(".sample code").TextContent);

        form.Find("#prefix").Input("meet");
        form.Find("#codes").Input("100000");
        Assert.StartsWith("MEET-", form.Find(".sample code").TextContent, StringComparison.Ordinal);
        Assert.Contains("365 years", form.Find(".sample p").TextContent, StringComparison.Ordinal);
        Assert.Contains("in the background", form.Markup, StringComparison.Ordinal);

        form.FindAll("input[type=radio]")[2].Change("on");
        form.Find("#word").Input("launch26");
        Assert.Equal("LAUNCH26", form.Find(".sample code").TextContent);
    }

    [Fact]
    public void MintForm_BadFields_SaysSoBesideThemAndMintsNothing()
    {
        SignIn(Role.Growth);
        var form = Render<MintForm>();
        form.Find("#prefix").Input("!");
        form.Find("form").Submit();

        form.WaitForState(() => form.FindAll(".wrong").Count == 2);
        Assert.Equal(["Name is needed.", "Prefix takes 2 to 12 letters and digits."], form.FindAll(".wrong").Select(w => w.TextContent));
    }

    private void SignIn(string role)
    {
        AddAuthorization().SetAuthorized($"{role.ToLowerInvariant()}@example.com").SetRoles(role);
        // The last step: it opens the services, and nothing more can be added to them.
        SetRendererInfo(new RendererInfo("Server", true));
    }

    private static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> page, string text) where T : IComponent => page.FindAll("button").Single(b => b.TextContent.Contains(text, StringComparison.Ordinal));

    private static CodeRow Row(string code, string kind, string state) => new(code, kind, state, null, 0, 1, Now, Now.AddDays(3), null, null, null, null, null);

    private static CodeDetail Detail(string kind, int used, int most) => new(
        "LEAF-0000-0000-0001", "https://invite.example.com/signup?code=LEAF", kind, "active", null, used, most, Now, Now.AddDays(3), null, null, null, "wl_1", "Ann", null, null, null, null, null, 0);
}
