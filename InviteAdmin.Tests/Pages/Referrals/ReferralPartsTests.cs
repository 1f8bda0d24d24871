using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Referrals;
using InviteAdmin.Insights;
using InviteAdmin.Referrals;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Referrals;

public sealed class ReferralPartsTests : BunitContext
{
    private static readonly LeaderRow Ann = new("usr_ann", "<script>alert(1)</script>", "ann@example.com", "standard", 47, 2, 112, 4, 50, 44, null, false);

    public ReferralPartsTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System);
    }

    [Fact]
    public void LeaderList_Viewer_MayLookAndIsToldWhoMayReward()
    {
        AddAuthorization().SetAuthorized("viewer@example.com").SetRoles(Role.Viewer);

        var list = Leaders(Ann);

        var button = list.Find("button");
        Assert.Equal(("true", "This needs the role Owner or Growth."), (button.GetAttribute("aria-disabled"), button.GetAttribute("title")));
        Assert.Equal("<script>alert(1)</script>", list.Find("a.who span").TextContent);
        Assert.Contains("88 %", list.Markup, StringComparison.Ordinal);
        Assert.Contains("44 of 50", list.Markup, StringComparison.Ordinal);
        Assert.Equal(["51"], list.FindAll("td[data-name=Place]").Select(c => c.TextContent));
    }

    [Fact]
    public void LeaderList_Growth_RewardsOrUndoesUntilACodeIsUsed()
    {
        AddAuthorization().SetAuthorized("growth@example.com").SetRoles(Role.Growth);
        var asked = new List<string>();

        Leaders(Ann, asked).Find("button").Click();
        Leaders(Ann with { RewardedAt = DateTimeOffset.UnixEpoch }, asked).Find("button").Click();
        var used = Leaders(Ann with { RewardedAt = DateTimeOffset.UnixEpoch, RewardIsUsed = true }, asked);

        Assert.Equal(["reward", "undo"], asked);
        Assert.Empty(used.FindAll("button"));
        Assert.Contains("Rewarded", used.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void MilestoneList_Chosen_ListsWhoReachedItOrSaysNobody()
    {
        var list = Render<MilestoneList>(p => p.Add(m => m.Milestones, [new(25, 28, "vip", 0, 1, null, null)]).Add(m => m.View, new ReferralsView { Milestone = 25 }).Add(m => m.Reached, []).Add(m => m.Href, v => $"/x?{v.Milestone}"));

        Assert.Contains("28 codes and tier vip", list.Markup, StringComparison.Ordinal);
        Assert.Contains("Nobody has reached this milestone yet.", list.Markup, StringComparison.Ordinal);
        Assert.Equal("/x?25", list.Find("td.lead a").GetAttribute("href"));
    }

    [Fact]
    public void ViralFigure_YoungAndSmallWeeks_AreHatchedOrLeftOut()
    {
        var figure = Viral(new ViralWeek(new(2026, 3, 2), 0, 0, true), new(new(2026, 3, 9), 19, 19, true), new(new(2026, 3, 16), 40, 30, true), new(new(2026, 3, 23), 50, 10, false));

        Assert.Equal("The 40 members who registered in the week from 16 Mar brought 30 more within 28 days: 0.75 each.", figure.Find("figcaption").TextContent);
        Assert.Equal(["0.20", "0.75", "too few"], figure.FindAll("td[data-name=Coefficient]").Select(c => c.TextContent.Trim()));
        Assert.Single(figure.FindAll(".column.immature"));
        Assert.Contains("divided by those who registered", figure.Find("details.how").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("No week is 28 days old yet. So far, the 50 members who registered in the week from 23 Mar have brought 10.", Viral(new ViralWeek(new(2026, 3, 23), 50, 10, false)).Find("figcaption").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("Too few", Viral().Find("figcaption").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void ChainLayout_OfThreeHundred_NobodyStandsOnAnotherAndParentsAreAbove()
    {
        var random = new Random(7);
        ChainNode[] nodes = [new("usr_0", "Ann", 0, -1), .. Enumerable.Range(1, 299).Select(_ => new ChainNode("", "", 0, 0))];
        for (var i = 1; i < nodes.Length; i++)
        {
            var parent = (int)(i * Math.Pow(random.NextDouble(), 3));
            nodes[i] = new($"usr_{i}", "Ann", nodes[parent].Depth + 1, parent);
        }

        var places = new ChainLayout(nodes).Places;

        for (var i = 0; i < places.Count; i++)
        {
            for (var j = i + 1; j < places.Count; j++)
                Assert.True(Math.Abs(places[i].X - places[j].X) + Math.Abs(places[i].Y - places[j].Y) > 12, $"{i} and {j} stand on each other");
            if (i > 0) Assert.True(places[i].Y > places[nodes[i].Parent].Y);
        }
    }

    [Fact]
    public void ChainPicture_LongAndOddNames_AreCutBetweenCharacters()
    {
        var name = new string('x', 39) + "🦊" + new string('y', 200);

        var picture = Render<ChainPicture>(p => p.Add(c => c.Name, name).Add(c => c.Drawing, new([new("usr_0", name, 0, -1), new("usr_1", "مريم <b>", 1, 0)], true)));

        Assert.Equal([new string('x', 39) + "…", "مريم <b>"], picture.FindAll("svg text").Select(t => t.TextContent));
        Assert.Equal("مريم <b>, 1 step below", picture.FindAll("svg a")[1].GetAttribute("aria-label"));
        Assert.Contains("The nearest 300 members are drawn", picture.Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<LeaderList> Leaders(LeaderRow row, List<string>? asked = null) => Render<LeaderList>(p => p
        .Add(l => l.View, new ReferralsView { Page = 2 }).Add(l => l.Leaders, new([row], 51, false, null)).Add(l => l.Href, _ => "/x")
        .Add(l => l.OnReward, (LeaderRow _) => asked?.Add("reward")).Add(l => l.OnUndo, (LeaderRow _) => asked?.Add("undo")));

    private IRenderedComponent<ViralFigure> Viral(params ViralWeek[] weeks) => Render<ViralFigure>(p => p.Add(v => v.Weeks, new Counted<IReadOnlyList<ViralWeek>>(weeks, null, 3)));
}
