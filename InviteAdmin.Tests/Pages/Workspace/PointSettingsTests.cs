using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Workspace;
using InviteAdmin.Referrals;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Pages.Workspace;

/// <summary>The points of the settings: the form, a count that is under way or broke, and what would change.</summary>
public sealed class PointSettingsTests : StaffContext
{
    private static readonly PointRuleFacts Points = new(new(10, 5), new Dictionary<string, string>(), null, null, 3, null);
    private static readonly PlanCourse Course = new("The queue is empty between 1 and 9 December.", null, [new(new(2026, 12, 1), 90, 100, 100), new(new(2026, 12, 2), 80, 100, 110)], []);

    [Fact]
    public void Points_Filled_ShowValuesSourcesAndTheChoice()
    {
        SignInAs(Role.Owner);

        var part = Part(Points);

        Assert.Equal(("10", "5"), (part.Find("#arrivedPoints").GetAttribute("value"), part.Find("#broughtPoints").GetAttribute("value")));
        Assert.Contains("Product Hunt +20.", part.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Retired one", part.Markup, StringComparison.Ordinal);
        Assert.True(part.Find("#from-now-on").HasAttribute("checked"));
        Assert.Equal("Apply", part.Find("button[data-needs]").TextContent.Trim());
        part.Find("#again").Change(true);
        Assert.Equal("Apply…", part.Find("button[data-needs]").TextContent.Trim());
        part.Find("button[data-needs]").Click();
        Assert.Equal("Count everybody's points again?", part.Find("dialog h2").TextContent);
    }

    [Fact]
    public void Points_SetByTheConfiguration_AreLockedAndNameIt()
    {
        SignInAs(Role.Owner);

        var part = Part(Points with { Locks = new Dictionary<string, string> { ["BroughtPoints"] = "Waitlist__BroughtPoints" } });

        Assert.True(part.Find("#broughtPoints").HasAttribute("disabled"));
        Assert.Contains("Set by Waitlist__BroughtPoints", part.Find("#broughtPoints-hint").TextContent, StringComparison.Ordinal);
        Assert.False(part.Find("#arrivedPoints").HasAttribute("disabled"));
    }

    [Theory]
    [InlineData(Role.Growth)]
    [InlineData(Role.Viewer)]
    public void Points_RoleThatMayNot_SeesThemAndTheReasonAndMayTry(string role)
    {
        SignInAs(role);
        PointValues? tried = null;

        var part = Part(Points, onTry: v => tried = v);

        Assert.All(part.FindAll("input"), i => Assert.True(i.HasAttribute("disabled")));
        Assert.Contains("the role Owner", part.Find("button[data-needs]").GetAttribute("title"), StringComparison.Ordinal);
        part.Find("button:not([data-needs])").Click();
        Assert.Equal(new PointValues(10, 5), tried);
    }

    [Fact]
    public void Points_BeingCounted_ShowTheProgressAndCannotBeApplied()
    {
        SignInAs(Role.Owner);

        var part = Part(Points with { Count = new("op_1", "running", null) });

        Assert.Contains("Counting everybody's points again", part.Find("[role=status]").TextContent, StringComparison.Ordinal);
        Assert.True(part.Find("button[data-needs]").HasAttribute("disabled"));
    }

    [Fact]
    public void Points_CountBroken_SayWhyAndWhatToDo()
    {
        SignInAs(Role.Owner);

        var part = Part(Points with { Count = new("op_1", "failed", "By these rules somebody would have too many.") });

        Assert.Contains("broken off in the middle. By these rules somebody would have too many.", part.Find(".notice.bad").TextContent, StringComparison.Ordinal);
        Assert.False(part.Find("button[data-needs]").HasAttribute("disabled"));
    }

    [Fact]
    public void Points_OfTheAddress_AreTriedAndStayWhatIsTyped()
    {
        SignInAs(Role.Owner);
        PointValues? tried = null;

        var part = Part(Points, new PointsTrial([], [], [], Course), new(10, 30), v => tried = v);
        Assert.Equal("30", part.Find("#broughtPoints").GetAttribute("value"));
        Assert.Equal("Nobody waits", part.Find(".blank h2").TextContent);
        part.Find("#broughtPoints").Change("40");
        part.Render(p => p.Add(c => c.Facts, Points with { Version = 4, Values = new(1, 1) }));
        part.Find("button:not([data-needs])").Click();

        Assert.Equal(new PointValues(10, 40), tried);
    }

    [Fact]
    public void Trial_Filled_ShowsBothListsWhoComesAndWhyWhateverTheirNames()
    {
        SignInAs(Role.Owner);
        var name = "<script>alert(1)</script> مصدر " + new string('x', 190);
        PointsTrial trial = new(
            [new("wl_1", "Ann", 1, 2, 20, 20, false, "stays at 20 points; rank 1 → 2"), new("wl_2", name, 2, null, 10, 0, true, "came through a friend's link: 10 → 0 points; rank 2 → past 10,000")],
            [new("wl_3", "Cem", 140, 1, 15, 30, true, "brought 3 people: 3 × 5 → 3 × 10 points; rank 140 → 1"), new("wl_1", "Ann", 1, 2, 20, 20, false, "stays at 20 points; rank 1 → 2")],
            [new(1, 100, 1), new(101, 1_000, 0), new(1_001, 10_000, 0), new(10_001, null, 1)], Course);

        var part = Render<PointsTrialPart>(p => p.Add(c => c.Trial, trial));

        Assert.Empty(part.FindAll("script"));
        Assert.Equal(["1 person would enter, 1 would drop out.", "2 people would come into another part of it: 1 into ranks 1 to 100, 1 into those past rank 10,000."], part.FindAll("dd").Take(2).Select(d => d.TextContent));
        Assert.StartsWith("170 to 210 people in the next 7 days.", part.FindAll("dd")[3].TextContent, StringComparison.Ordinal);
        Assert.Equal("Cem brought 3 people: 3 × 5 → 3 × 10 points; rank 140 → 1", part.Find("ol.plain li").TextContent.Trim());
        Assert.Equal(["1", "Ann", "20", "Cem Enters", "30", "2", $"{name} Drops out", "10", "Ann", "20"], part.FindAll("tbody td").Select(c => c.TextContent.Trim()));
    }

    private IRenderedComponent<PointSettings> Part(PointRuleFacts facts, PointsTrial? trial = null, PointValues? tried = null, Action<PointValues>? onTry = null) => Render<PointSettings>(p => p
        .Add(c => c.Facts, facts).Add(c => c.Trial, trial).Add(c => c.Tried, tried).Add(c => c.SourcesHref, "/admin/settings").Add(c => c.OnTry, v => onTry?.Invoke(v)).Add(c => c.OnSaved, _ => { }).Add(c => c.OnLook, () => { })
        .Add(c => c.Sources, [new SourceRow(1, "Product Hunt", "abc", "https://invite.example.com/?src=abc", 20, null, 0, 1, null, null), new SourceRow(2, "Retired one", "def", "https://invite.example.com/?src=def", 9, DateTimeOffset.UnixEpoch, 3, 1, null, null)]));
}
