using System.Globalization;
using InviteAdmin.Brand;

namespace InviteAdmin.Tests.Brand;

public sealed class BrandColourTests
{
    [Fact]
    public void Colour_EveryOneOf4096_LeavesAllTextReadable()
    {
        for (var n = 0; n < 4_096; n++)
        {
            var colour = BrandColour.Of(n.ToString("x3", CultureInfo.InvariantCulture))!;
            Assert.True(BrandColour.Contrast(colour.OnFill, colour.Fill) >= BrandColour.LeastContrast, $"text on {colour.Fill}");
            Assert.True(BrandColour.Contrast(colour.OnFill, colour.Hover) >= BrandColour.LeastContrast, $"text on {colour.Hover}");
            Assert.All(["#ffffff", "#f2f5f8"], ground => Assert.True(BrandColour.Contrast(colour.OnLight, ground) >= BrandColour.LeastContrast, $"{colour.OnLight} on {ground}"));
            Assert.All(["#161d25", "#0e1318"], ground => Assert.True(BrandColour.Contrast(colour.OnDark, ground) >= BrandColour.LeastContrast, $"{colour.OnDark} on {ground}"));
        }
    }

    [Fact]
    public void Contrast_KnownPairs_AreAsDefined()
    {
        Assert.Equal(21, BrandColour.Contrast("#000000", "#ffffff"), 3);
        Assert.Equal(4.54, BrandColour.Contrast("#767676", "#ffffff"), 2);
        Assert.Equal(1, BrandColour.Contrast("#1b5fae", "#1b5fae"), 3);
    }

    [Theory]
    [InlineData("#1B5FAE", "#1b5fae")]
    [InlineData(" 1b5fae ", "#1b5fae")]
    [InlineData("#15f", "#1155ff")]
    [InlineData("", null)]
    [InlineData("red", null)]
    [InlineData("#1b5fae80", null)]
    [InlineData("#١b5fae", null)]
    [InlineData("#fff;}body{display:none", null)]
    public void Of_Text_IsAColourOrNone(string text, string? colour) => Assert.Equal(colour, BrandColour.Of(text)?.Fill);
}
