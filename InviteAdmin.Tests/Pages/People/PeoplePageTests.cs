using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Audit;
using InviteAdmin.Components.Pages.People;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.People;

public sealed class PeoplePageTests : PeopleContext
{
    [Fact]
    public void People_NobodyYet_SaysWhatThisIs()
    {
        SignIn(Role.Viewer);
        Assert.Equal("Nobody is here yet", Open("/admin/people").Find(".blank h2").TextContent);
        Assert.Equal("Nobody is declined", Open("/admin/people?show=declined").Find(".blank h2").TextContent);
        Assert.Equal("Nobody fits “zoe”", Open("/admin/people?q=zoe").Find(".blank h2").TextContent);
        Assert.Equal("Nothing matches", Open("/admin/people?tier=vip").Find(".blank h2").TextContent);
    }

    [Fact]
    public async Task People_OneExactHit_OpensThePerson()
    {
        var ann = await Product.Waiting("ann@example.com");
        await Product.Waiting("ben@example.com");
        SignIn(Role.Support);

        Open("/admin/people?q=ANN%2Bnews@Example.com");

        Assert.EndsWith($"/admin/people/{ann.Id}", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_Listed_LeadToTheirPages()
    {
        var ann = await Product.Waiting("ann@example.com");
        SignIn(Role.Viewer);

        var page = Open("/admin/people?page=0&sort=nonsense&show=7");

        Assert.Equal($"/admin/people/{ann.Id}", page.Find("tbody a.who").GetAttribute("href"));
        Assert.Equal("1–1 of 1", page.Find(".pager [role=status]").TextContent);
        Assert.Equal("/admin/people.csv", page.Find("a[download]").GetAttribute("href"));
    }

    [Fact]
    public async Task Audit_Listed_SaysWhoDidWhatInWords()
    {
        SignIn(Role.Viewer);
        Assert.Equal("Nothing was done yet", OpenAudit("/admin/audit").Find(".blank h2").TextContent);
        var ann = await Product.Waiting("ann@example.com");
        (await Product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Product.Owner, ann.Id, "<i>Why</i>", default))).Must();

        var page = OpenAudit("/admin/audit?actor=staff:1");

        Assert.Equal("Owner excluded Ann Example from releases", string.Join(' ', page.Find("tbody td").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("<i>Why</i>", page.Find("td.why").TextContent);
        Assert.Equal("hold excluded", string.Join(' ', page.Find(".changes li").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("/admin/audit.csv?actor=staff:1", Uri.UnescapeDataString(page.Find("a[download]").GetAttribute("href")!));
        Assert.Equal("Nothing matches", OpenAudit("/admin/audit?target=wl_nobody").Find(".blank h2").TextContent);
    }

    private IRenderedComponent<PeoplePage> Open(string address)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var page = Render<PeoplePage>();
        page.WaitForState(() => page.FindAll(".blank, tbody, .pager").Count > 0, TimeSpan.FromSeconds(10));
        return page;
    }

    private IRenderedComponent<AuditPage> OpenAudit(string address)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var page = Render<AuditPage>();
        page.WaitForState(() => page.FindAll(".blank, tbody").Count > 0, TimeSpan.FromSeconds(10));
        return page;
    }
}
