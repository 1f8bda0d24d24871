using InviteAdmin.Components.Pages.Waitlist;
using InviteAdmin.Components.Shared;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Pages.Shared;

public sealed class UrlStateTests
{
    [Fact]
    public void Href_Defaults_AreLeftOut() => Assert.Equal("/admin/waitlist", UrlState<WaitlistView>.Href("/admin/waitlist", new()));

    [Fact]
    public void Href_ReadBack_IsTheSameView()
    {
        var view = new WaitlistView { Show = Show.Invited, Q = "ann & co", Source = "Product Hunt", Sort = WaitlistSort.Oldest, Page = 3, Person = "wl_1" };

        var address = UrlState<WaitlistView>.Href("/admin/waitlist", view);

        Assert.Equal(view, UrlState<WaitlistView>.Read(address));
    }

    [Theory]
    [InlineData("/admin/waitlist?unknown=1&page=2")]
    [InlineData("/admin/waitlist?show=7&sort=points;drop&page=2")]
    [InlineData("/admin/waitlist?page=2&show=nonsense")]
    public void Read_UnknownKeysAndValues_AreIgnored(string address) => Assert.Equal(new WaitlistView { Page = 2 }, UrlState<WaitlistView>.Read(address));

    [Theory]
    [InlineData("-1")]
    [InlineData("99999999999")]
    [InlineData("1e3")]
    public void Read_NumbersThatAreNone_AreIgnored(string page) => Assert.Equal(1, UrlState<WaitlistView>.Read($"/x?page={page}").Page);
}
