using Bunit;
using InviteAdmin.Components.Shared;

namespace InviteAdmin.Tests.Pages.Shared;

public sealed class NotHereTests : BunitContext
{
    [Fact]
    public void NotHere_SaysWhatIsMissingAndLeadsBack()
    {
        var part = Render<NotHere>(p => p.Add(c => c.Title, "There is no such cohort").Add(c => c.Href, "/admin/cohorts").Add(c => c.Back, "All cohorts"));

        Assert.Equal("There is no such cohort", part.Find("h2").TextContent);
        part.Find("a").MarkupMatches("""<a class="button" href="/admin/cohorts">All cohorts</a>""");
    }

    [Theory]
    [InlineData(1, false, "")]
    [InlineData(1, true, "next")]
    [InlineData(2, false, "prev")]
    [InlineData(2, true, "prev,next")]
    public void ShortPager_LeadsWhereThereIsMore(int page, bool more, string links) =>
        Assert.Equal(links, string.Join(',', Render<ShortPager>(p => p.Add(c => c.Page, page).Add(c => c.More, more).Add(c => c.Href, n => $"/x?page={n}")).FindAll("a").Select(a => a.GetAttribute("rel"))));
}
