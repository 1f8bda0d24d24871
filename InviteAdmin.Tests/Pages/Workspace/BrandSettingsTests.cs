using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Components.Pages.Workspace;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Workspace;

public sealed class BrandSettingsTests : StaffContext
{
    private static readonly BrandFacts Plain = new(BrandValues.None, "InviteAdmin", null, null, null, null, 3);

    public BrandSettingsTests() => Services.AddSingleton<AntiforgeryStateProvider, NoToken>();

    [Fact]
    public void Brand_NothingSaved_ShowsWhatIsInForceAndOffersALogo()
    {
        SignInAs(Role.Growth);
        var part = Show(Plain);
        Assert.Equal(("", "InviteAdmin", ""), (part.Find("#name").GetAttribute("value"), part.Find("#name").GetAttribute("placeholder"), part.Find("#accent").GetAttribute("value")));
        Assert.Empty(part.FindAll("svg.swatches"));
        Assert.Contains("None yet", part.Markup, StringComparison.Ordinal);
        Assert.Equal("/admin/settings/logo", part.Find("form[enctype]").GetAttribute("action"));
        Assert.Null(part.Find("button[data-needs]").GetAttribute("aria-disabled"));
    }

    [Fact]
    public void Brand_Filled_ShowsNastyWordsAsTextAndSaysWhatBecomesOfTheColour()
    {
        SignInAs(Role.Owner);
        var part = Show(Plain with
        {
            Saved = BrandValues.None with { Name = "<script>alert(1)</script>", Accent = "#ffe94d", English = new("\u202Eevil" + new string('x', 100)) }, NameSetBy = "App__ProductName",
            Logo = new("00ff", "image/webp", 1_200, 300), ChangedBy = "Bea", ChangedAt = DateTimeOffset.UnixEpoch,
        }, "The logo must be a PNG, JPEG or WebP picture. Nothing was changed.");

        Assert.Empty(part.FindAll("script"));
        Assert.True(part.Find("#name").HasAttribute("disabled"));
        Assert.Contains("Set by App__ProductName", part.Find("#name-hint").TextContent, StringComparison.Ordinal);
        Assert.Contains("Text on it is black, contrast 17.0 to 1. As text it is darkened to", part.Find("#accent-hint").TextContent, StringComparison.Ordinal);
        Assert.Equal("#ffe94d", part.Find("svg.swatches rect").GetAttribute("fill"));
        Assert.Equal("/brand/logo/00ff", part.Find("img.logo").GetAttribute("src"));
        Assert.Contains("1,200 × 300 pixels. Some networks show no WebP", part.Markup, StringComparison.Ordinal);
        Assert.StartsWith("The logo must be", part.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        part.Find("#accent").Change("blue");
        Assert.Empty(part.FindAll("svg.swatches"));
    }

    [Theory]
    [InlineData(Role.Support)]
    [InlineData(Role.Developer)]
    [InlineData(Role.Viewer)]
    public void Brand_RoleThatMayNot_SeesItAndTheReason(string role)
    {
        SignInAs(role);
        var part = Show(Plain);
        Assert.All(part.FindAll("input, textarea"), i => Assert.True(i.HasAttribute("disabled")));
        Assert.Empty(part.FindAll("form[enctype]"));
        Assert.Contains("the role Owner or Growth", part.Find("button[data-needs]").GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void Brand_WhatIsTyped_StaysWhenSomebodyElseSaves()
    {
        SignInAs(Role.Owner);
        var part = Show(Plain);
        part.Find("#englishHeadline").Change("Mine");
        part.Render(p => p.Add(c => c.Facts, Plain with { Saved = BrandValues.None with { Name = "Theirs" }, Version = 4, ChangedBy = "Bea" }));
        Assert.Equal(("Mine", ""), (part.Find("#englishHeadline").GetAttribute("value"), part.Find("#name").GetAttribute("value")));
    }

    private IRenderedComponent<BrandSettings> Show(BrandFacts facts, string? refused = null) =>
        Render<BrandSettings>(p => p.Add(c => c.Facts, facts).Add(c => c.Refused, refused).Add(c => c.OnSaved, _ => { }).Add(c => c.OnLook, () => { }));

    private sealed class NoToken : AntiforgeryStateProvider
    {
        public override AntiforgeryRequestToken? GetAntiforgeryToken() => new("token", "__RequestVerificationToken");
    }
}
