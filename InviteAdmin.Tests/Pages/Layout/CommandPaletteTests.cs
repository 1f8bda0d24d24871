using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Layout;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Layout;

public sealed class CommandPaletteTests : AppComponents, IClassFixture<RunningApp>
{
    private static readonly PageLink[] Pages = [new("/admin", "monitoring", "Overview", "o"), new("/admin/waitlist", "group", "Waitlist", "w")];
    private readonly RunningApp _app;

    public CommandPaletteTests(RunningApp app)
        : base(app) => _app = app;

    [Fact]
    public void BeforeTheFirstLook_TheListIsEmptyAndTheFormIsPlain()
    {
        var palette = Open(Role.Owner, look: false);

        Assert.Empty(palette.FindAll("[role=option]"));
        Assert.Equal("/admin/search", palette.Find("form").GetAttribute("action"));
        Assert.Equal("q", palette.Find("input").GetAttribute("name"));
    }

    [Fact]
    public void Typed_PagesAndActions_FitByTheBeginningsOfTheirWords()
    {
        var palette = Open(Role.Owner);

        palette.Find("input").Input("wa");

        palette.WaitForAssertion(() => Assert.Equal("wa", palette.Find("[role=listbox]").GetAttribute("data-fits")), TimeSpan.FromSeconds(10));
        Assert.Equal(["/admin/waitlist", "/admin/waitlist/import", "/admin/waitlist.csv", "/admin/search?q=wa"], palette.FindAll("[role=option]").Select(o => o.GetAttribute("href")));
        Assert.Equal("3 lines fit.", palette.Find("[role=status]").TextContent);
    }

    [Fact]
    public void Viewer_SeesActionsDisabledWithTheReason()
    {
        var palette = Open(Role.Viewer);

        var invite = palette.Find("#line-invite");

        Assert.Equal("true", invite.GetAttribute("aria-disabled"));
        Assert.Null(invite.GetAttribute("href"));
        Assert.Contains("the role Owner or Growth", invite.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Typed_PartOfAName_FindsPeopleAfterTheFingersRest()
    {
        await Join("palette.ann", "Annabel Palette");
        var palette = Open(Role.Support);

        palette.Find("input").Input("annab");

        palette.WaitForAssertion(() => Assert.Contains("Annabel Palette", palette.Find("[aria-label='People and codes'] [role=option]").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.Equal("/admin/people/wl_palette.ann", palette.Find("[aria-label='People and codes'] a").GetAttribute("href"));
    }

    [Fact]
    public async Task Typed_OvertakenText_IsNeverLookedFor()
    {
        await Join("palette.bob", "Bobby Overtaken");
        await Join("palette.cleo", "Cleopatra Later");
        var palette = Open(Role.Support);

        palette.Find("input").Input("bobby");
        palette.Find("input").Input("cleop");

        palette.WaitForAssertion(() => Assert.Contains("Cleopatra Later", palette.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.DoesNotContain("Bobby Overtaken", palette.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submitted_WholeEmail_OpensThePersonAtOnce()
    {
        await Join("palette.dora", "Dora Pasted");
        var palette = Open(Role.Support);

        palette.Find("input").Input(" Palette.Dora@Example.com ");
        palette.Find("form").Submit();

        palette.WaitForAssertion(() => Assert.EndsWith("/admin/people/wl_palette.dora", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Submitted_WhatNothingFits_OpensTheSearch()
    {
        var palette = Open(Role.Support);

        palette.Find("input").Input("nobody is called this & that");
        palette.Find("form").Submit();

        palette.WaitForAssertion(() => Assert.EndsWith("/admin/search?q=nobody%20is%20called%20this%20%26%20that", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void ShortcutHelp_NamesEveryPageAndTheSwitch()
    {
        SignIn(Role.Viewer);
        var help = Render<ShortcutHelp>(p => p.Add(h => h.Pages, Pages));

        help.Find("[data-key]").Click();

        Assert.Equal(["o", "w"], help.FindAll(".many kbd").Select(k => k.TextContent));
        Assert.Equal("checkbox", help.Find("[name=shortcuts]").GetAttribute("type"));
    }

    private IRenderedComponent<CommandPalette> Open(string role, bool look = true)
    {
        SignIn(role);
        var palette = Render<CommandPalette>(p => p.Add(c => c.Pages, Pages));
        if (look) palette.Find("input").Focus();
        return palette;
    }

    private async Task Join(string id, string name) => await _app.Database.Scalar<long>(
        $"""
        WITH added AS (
          INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
          VALUES ('wl_{id}', '{id}@example.com', '{id}@example.com', '{name}', 'waiting', 'r{id}', 's{id}', now()) ON CONFLICT DO NOTHING RETURNING id)
        SELECT count(*) FROM added
        """);
}
