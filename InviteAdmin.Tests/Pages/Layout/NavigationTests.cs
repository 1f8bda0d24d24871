using InviteAdmin.Components.Layout;

namespace InviteAdmin.Tests.Pages.Layout;

public sealed class NavigationTests
{
    [Fact]
    public void EveryPage_HasALetterAndAnAddressOfItsOwn()
    {
        Assert.Distinct(DashboardLayout.Pages.Select(p => p.Key));
        Assert.Distinct(DashboardLayout.Pages.Select(p => p.Href));
        Assert.All(DashboardLayout.Pages, p => Assert.True(p.Key.Length == 1 && char.IsAsciiLetterLower(p.Key[0]) && p.Key != "g", p.Text));
    }
}
