using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.People;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.People;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.People;

public sealed class PersonPageTests : PeopleContext
{
    [Fact]
    public async Task Person_Unknown_IsADesignedNotFound()
    {
        SignIn(Role.Viewer);
        var page = await Open("wl_nobody");

        Assert.Equal("There is no such person", page.Find(".blank h2").TextContent);
        Assert.Equal("/admin/people", page.Find(".blank a").GetAttribute("href"));
    }

    [Fact]
    public async Task Person_Waiting_HasTheSentenceTheAdviceAndItsButton()
    {
        var ann = await Product.Waiting("ann@example.com");
        SignIn(Role.Growth);
        var page = await Open(ann.Id);

        Assert.StartsWith("Waiting since", page.Find(".sentence").TextContent, StringComparison.Ordinal);
        Assert.Equal("Invite now…", page.Find("button.main").TextContent.Replace("send", "", StringComparison.Ordinal).Trim());
        Assert.Contains(page.FindAll(".timeline li").Select(l => l.TextContent), t => t.Contains("Joined the waitlist", StringComparison.Ordinal));
        Assert.Equal($"/admin/audit?target={ann.Id}", page.Find(".timeline-head > a").GetAttribute("href"));
    }

    [Fact]
    public async Task Person_ForAViewer_EveryActionIsDisabledWithItsReason()
    {
        var ann = await Product.Waiting("ann@example.com");
        await Product.Release(1);
        SignIn(Role.Viewer);
        var page = await Open(ann.Id);

        var buttons = page.FindAll(".support .acts button");
        Assert.Equal(3, buttons.Count);
        Assert.All(buttons, b => Assert.Equal(("true", true), (b.GetAttribute("aria-disabled"), b.GetAttribute("title")!.Contains("the role", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task InviteNow_Confirmed_InvitesOnceAndCountsDownToUndo()
    {
        var ann = await Product.Waiting("ann@example.com");
        SignIn(Role.Growth);
        var page = await Open(ann.Id);

        await Press(page, "Invite now…");
        page.Find("dialog button.main").Click();
        page.WaitForAssertion(() => Assert.Contains("is invited.", page.Find(".undo").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.Equal("invited", await Product.StatusOf(ann));
        page.Find(".undo button").Click();
        page.WaitForAssertion(() => Assert.StartsWith("Was invited today, but the release was taken back", page.Find(".sentence").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(10));

        Assert.Equal("waiting", await Product.StatusOf(ann));
        Assert.Empty(await Product.Violations());
    }

    [Fact]
    public async Task Exclude_WithoutReason_StaysOpenAndSaysWhatIsMissing()
    {
        var ann = await Product.Waiting("ann@example.com");
        SignIn(Role.Support);
        var page = await Open(ann.Id);

        await Press(page, "Exclude…");
        page.Find("dialog button.main").Click();

        page.WaitForAssertion(() => Assert.Equal("Reason is needed.", page.Find("dialog [role=alert]").TextContent), TimeSpan.FromSeconds(10));
        Assert.Equal(0, await Database.Scalar<long>("SELECT count(*) FROM audit_log"));
    }

    [Fact]
    public async Task ChangePoints_DoneAndUndone_ByTheLineAtTheBottom()
    {
        var ann = await Product.Waiting("ann@example.com");
        SignIn(Role.Growth);
        var page = await Open(ann.Id, "?show=points");

        await Press(page, "Change points…");
        page.Find("#points-by").Change("40");
        page.Find("#points-reason").Change("Spoke at our event.");
        page.Find("dialog button.main").Click();
        page.WaitForAssertion(() => Assert.Equal("40", page.Find("tfoot td.num").TextContent), TimeSpan.FromSeconds(10));
        Assert.Contains("Spoke at our event.", page.Find("tbody td").TextContent, StringComparison.Ordinal);
        await page.InvokeAsync(Services.GetRequiredService<Notices>().Current!.TakeBack);

        Assert.Equal(0, await Database.Scalar<int>("SELECT points FROM waitlist_entries"));
        Assert.Empty(await Product.Violations());
    }

    [Fact]
    public async Task Note_WithMarkup_IsShownAsText()
    {
        var ann = await Product.Waiting("ann@example.com");
        SignIn(Role.Support);
        var page = await Open(ann.Id, "?show=notes");

        page.Find("#note").Change("<b>Called</b>\ntwice");
        await Press(page, "Add note");

        page.WaitForAssertion(() => Assert.Equal("<b>Called</b>\ntwice", page.Find(".notes .text").TextContent), TimeSpan.FromSeconds(10));
        Assert.Single(page.FindAll(".notes button"));
    }

    [Theory]
    [InlineData("?show=nonsense&kind=nothing&page=-3")]
    [InlineData("?page=99999999999999999999")]
    public async Task Person_NonsenseInTheAddress_IsIgnored(string query)
    {
        var ann = await Product.Waiting("ann@example.com");
        SignIn(Role.Viewer);
        var page = await Open(ann.Id, query);

        Assert.Equal("Timeline", page.Find(".tabs a[aria-current]").TextContent);
        Assert.NotEmpty(page.FindAll(".timeline li"));
    }

    [Fact]
    public void Timeline_Empty_SaysSo()
    {
        var part = Render<PersonTimeline>(p => p.Add(c => c.View, new PersonView { Kind = TimelineKind.Notes }).Add(c => c.Rows, new TimelineRows([], false)).Add(c => c.Href, v => UrlState<PersonView>.Href("/x", v)).Add(c => c.AuditHref, "/a"));

        Assert.Equal("Nothing of this kind happened.", part.Find("p.quiet").TextContent);
        Assert.Equal("/x?kind=notes", part.Find(".chips a[aria-current]").GetAttribute("href"));
    }

    private async Task<IRenderedComponent<PersonPage>> Open(string id, string query = "")
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo($"/admin/people/{id}{query}");
        var page = Render<PersonPage>(p => p.Add(c => c.Id, id));
        page.WaitForState(() => page.FindAll("h1").Count > 0, TimeSpan.FromSeconds(10));
        await Task.CompletedTask;
        return page;
    }

    private static Task Press(IRenderedComponent<PersonPage> page, string text) => page.InvokeAsync(() => page.FindAll("button").First(b => b.TextContent.Contains(text, StringComparison.Ordinal)).Click());
}
