using InviteAdmin.Components.Shared;

namespace InviteAdmin.Tests.Pages.Shared;

public sealed class CsvTextTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+49 30", "'+49 30")]
    [InlineData("-Ann", "'-Ann")]
    [InlineData("@ann", "'@ann")]
    [InlineData("\tx", "'\tx")]
    [InlineData("-5", "-5")]
    [InlineData("Ann, \"the\" one", "\"Ann, \"\"the\"\" one\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData(null, "")]
    public void Line_OneField_IsSafeAndQuoted(string? value, string written) => Assert.Equal(written, CsvText.Line(value));
}
