using System.Text.RegularExpressions;
using InviteAdmin.Public;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Http;

namespace InviteAdmin.Tests.Public;

/// <summary>The words of the public pages: every one in every language, and none that nobody says.</summary>
public sealed partial class WordsTests
{
    private static readonly string Root = InviteAdmin.Hosting.Settings.Root()!;

    [Fact]
    public void Words_OfEveryLanguage_AreTheSameAndHoldTheSameGaps()
    {
        var english = Words.All("en");
        foreach (var language in Words.Languages)
        {
            var words = Words.All(language);
            Assert.Equal(english.Keys.Order(StringComparer.Ordinal), words.Keys.Order(StringComparer.Ordinal));
            Assert.All(words, w => Assert.False(string.IsNullOrWhiteSpace(w.Value), w.Key));
            Assert.All(words, w => Assert.Equal(Gaps(english[w.Key]), Gaps(w.Value)));
        }

        // What reads the same in both was probably forgotten.
        Assert.Equal(["CodeLabel"], english.Where(w => Words.All("de")[w.Key] == w.Value).Select(w => w.Key));
    }

    [Fact]
    public void Words_EveryOne_IsUsed()
    {
        var pages = string.Concat(Sources("InviteAdmin/Public"));
        var core = string.Concat(Sources("InviteAdmin.Core")).Replace("{MostCharacters}", "200", StringComparison.Ordinal);
        Assert.Empty(Words.All("en").Where(w => w.Key.StartsWith("Said", StringComparison.Ordinal) ? !core.Contains($"\"{w.Value}\"", StringComparison.Ordinal) : !pages.Contains($"\"{w.Key}\"", StringComparison.Ordinal)).Select(w => w.Key));
    }

    [Theory]
    [InlineData("", null, "en")]
    [InlineData("", "de-AT,de;q=0.9,en;q=0.8", "de")]
    [InlineData("", "fr, en;q=0.4, de;q=0.7", "de")]
    [InlineData("", "de;q=0, *", "en")]
    [InlineData("", "fr", "en")]
    [InlineData("", ";;;=,\u0001", "en")]
    [InlineData("?lang=de", "en", "de")]
    [InlineData("?lang=DE", null, "de")]
    [InlineData("?lang=xx", "de", "de")]
    [InlineData("?lang=../en&lang=de", null, "en")]
    public void Language_OfARequest_IsTheAskedThenTheAcceptedThenEnglish(string query, string? accepts, string language) => Assert.Equal(language, Of(query, accepts).Language);

    [Fact]
    public void Address_KeepsWhatWasAskedForAndNothingElse()
    {
        Assert.Equal("/waitlist", Of("", "de").Address("/waitlist"));
        Assert.Equal("/waitlist?lang=de", Of("?lang=de", null).Address("/waitlist"));
        Assert.Equal("/signup?code=x&lang=de", Of("?lang=de", null).Address("/signup?code=x"));
        Assert.Equal("/waitlist?ref=%3Cb%3E&lang=en", Of("?ref=%3Cb%3E&lang=de", null).AddressIn("en"));
    }

    [Fact]
    public void Dates_InGerman_AreSaidAsInEnglish()
    {
        var today = new DateOnly(2026, 11, 23);
        Assert.Equal("am 9. Dezember", Say(new(2026, 12, 9), new(2026, 12, 9)));
        Assert.Equal("zwischen dem 3. und dem 9. Dezember", Say(new(2026, 12, 3), new(2026, 12, 9)));
        Assert.Equal("zwischen dem 30. November und dem 9. Dezember", Say(new(2026, 11, 30), new(2026, 12, 9)));
        Assert.Equal("zwischen dem 30. Dezember 2026 und dem 9. Januar 2027", Say(new(2026, 12, 30), new(2027, 1, 9)));
        Assert.Equal(("1.042", "9. Dezember 2026"), (Of("?lang=de", null).Number(1_042), Of("?lang=de", null).Date(new(2026, 12, 9, 0, 0, 0, TimeSpan.Zero))));

        string Say(DateOnly from, DateOnly to) => Of("?lang=de", null).Dates(new DayRange(from, from, to), today);
    }

    private static Words Of(string query, string? accepts)
    {
        var context = new DefaultHttpContext { Request = { Path = "/waitlist", QueryString = new(query) } };
        context.Request.Headers.AcceptLanguage = accepts;
        return new Words(new HttpContextAccessor { HttpContext = context });
    }

    private static string Gaps(string words) => string.Join(',', Gap().Matches(words).Select(m => m.Value).Order(StringComparer.Ordinal));

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
        .Where(f => Path.GetExtension(f) is ".cs" or ".razor" && !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)).Select(File.ReadAllText);

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Gap();
}
