using Bunit;
using InviteAdmin.Components.Pages;
using Radzen;

namespace InviteAdmin.Tests.Pages;

public sealed class OverviewTests : BunitContext
{
    [Fact]
    public void Count_Clicked_ShowsOne()
    {
        Services.AddRadzenComponents();
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new Microsoft.AspNetCore.Components.RendererInfo("Server", isInteractive: true));

        var page = Render<Overview>();
        page.Find("button").Click();

        page.Find("[role=status]").MarkupMatches("""<p role="status">1</p>""");
    }
}
