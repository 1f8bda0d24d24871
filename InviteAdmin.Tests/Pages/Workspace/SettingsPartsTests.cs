using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Workspace;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Referrals;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Pages.Workspace;

public sealed class SettingsPartsTests : StaffContext
{
    private static readonly LifetimeFacts Days = new(new(7, 2, 30, 30), new Dictionary<string, string>(), null, null, 5);

    [Fact]
    public void Lifetimes_SetByTheConfiguration_AreLockedAndNameIt()
    {
        SignInAs(Role.Owner);

        var part = Lifetimes(Days with { Locks = new Dictionary<string, string> { [nameof(InviteAdmin.Invites.Lifetimes.InvitationDays)] = "Invites__InvitationDays" } });

        Assert.True(part.Find("#invitationDays").HasAttribute("disabled"));
        Assert.Contains("Set by Invites__InvitationDays", part.Find("#invitationDays-hint").TextContent, StringComparison.Ordinal);
        Assert.False(part.Find("#personalDays").HasAttribute("disabled"));
    }

    [Theory]
    [InlineData(Role.Growth)]
    [InlineData(Role.Support)]
    [InlineData(Role.Developer)]
    [InlineData(Role.Viewer)]
    public void Lifetimes_RoleThatMayNot_SeesThemAndTheReason(string role)
    {
        SignInAs(role);

        var part = Lifetimes(Days);

        Assert.All(part.FindAll("input"), i => Assert.True(i.HasAttribute("disabled")));
        Assert.Equal("7", part.Find("#invitationDays").GetAttribute("value"));
        Assert.Contains("the role Owner", part.Find("button[data-needs]").GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void Lifetimes_WhatIsTyped_StaysWhenSomebodyElseSaves()
    {
        SignInAs(Role.Owner);
        var part = Lifetimes(Days);
        part.Find("#vipDays").Change("45");

        part.Render(p => p.Add(c => c.Facts, Days with { Values = new(9, 2, 30, 60), Version = 6, ChangedBy = "Bea" }));

        Assert.Equal("45", part.Find("#vipDays").GetAttribute("value"));
        Assert.Equal("7", part.Find("#invitationDays").GetAttribute("value"));
    }

    [Fact]
    public void EditConflict_ShowsOnlyWhatDiffersAndLetsChoose()
    {
        var (theirs, mine) = (0, 0);
        var conflict = Render<EditConflict>(p => p.Add(c => c.Fields, [new("Name", "X", "Twitter"), new("Points", "5", "5")]).Add(c => c.By, "Bea").Add(c => c.OnTheirs, () => theirs++).Add(c => c.OnMine, () => mine++));

        Assert.Equal(["Name", "X", "Twitter"], conflict.FindAll("tbody th, tbody td").Select(c => c.TextContent));
        Assert.StartsWith("Bea changed this while you were editing", conflict.Find("strong").TextContent, StringComparison.Ordinal);
        conflict.FindAll("button")[0].Click();
        conflict.FindAll("button")[1].Click();
        Assert.Equal((1, 1), (theirs, mine));
    }

    [Fact]
    public void Sources_Filled_ShowLinkPointsAndPeopleWhateverTheirNames()
    {
        SignInAs(Role.Owner);
        var name = "<script>alert(1)</script> " + new string('x', 70);

        var part = Sources([new(1, name, "abc", "https://invite.example.com/waitlist?src=abc", 5, null, 10_001, 1, "Bea", DateTimeOffset.UnixEpoch), new(2, "مصدر", "def", "https://invite.example.com/waitlist?src=def", 20, DateTimeOffset.UnixEpoch, 0, 1, null, null)], null);

        Assert.Empty(part.FindAll("script"));
        Assert.Equal("https://invite.example.com/waitlist?src=abc", part.Find("[data-copy]").GetAttribute("data-copy"));
        Assert.Contains("10,000+", part.Markup, StringComparison.Ordinal);
        Assert.Equal("none", part.FindAll("td[data-name=Points]")[1].TextContent);
        // Only a source that nobody came from can be removed; a retired one can be restored.
        Assert.Equal(["Edit", "Retire", "Edit", "Restore", "Remove…"], part.FindAll("tbody button[data-needs]").Select(b => b.TextContent.Trim()));
    }

    [Fact]
    public void Sources_Empty_SayWhatTheyAreAndOfferTheForm()
    {
        SignInAs(Role.Owner);

        var part = Sources([], null);

        Assert.Equal("No sources yet", part.Find(".blank h2").TextContent);
        Assert.Equal("Add source", part.Find("form button").TextContent.Trim());
    }

    [Fact]
    public void Sources_OneIsEdited_FillsItsForm()
    {
        SignInAs(Role.Owner);

        var part = Sources([new(7, "Twitter", "abc", "https://invite.example.com/waitlist?src=abc", 5, null, 1, 1, null, null)], 7);

        Assert.Equal(("Twitter", "5", "Save source"), (part.Find("#source-name").GetAttribute("value"), part.Find("#source-points").GetAttribute("value"), part.Find("form button").TextContent.Trim()));
    }

    [Fact]
    public void Milestones_ForAViewer_AreShownAndNotChangeable()
    {
        SignInAs(Role.Viewer);

        var part = Render<MilestoneSettings>(p => p.Add(c => c.Milestones, [new MilestoneRow(25, 28, "vip", 4, 1, null, null)]).Add(c => c.Edit, null).Add(c => c.Href, id => $"/x?edit={id}").Add(c => c.OnSaved, _ => { }).Add(c => c.OnLook, () => { }));

        Assert.Contains("vip", part.Find("tbody").TextContent, StringComparison.Ordinal);
        Assert.All(part.FindAll("button[data-needs]"), b => Assert.Equal("true", b.GetAttribute("aria-disabled")));
    }

    [Fact]
    public void Team_ShowsWhoIsClosedLockedAndWhenTheyCame()
    {
        SignInAs(Role.Owner);

        var part = Render<TeamSettings>(p => p.Add(c => c.Team,
        [
            new StaffRow(1, "Ann", "ann@example.com", Role.Owner, false, false, DateTimeOffset.UnixEpoch), new StaffRow(2, "Bea", "bea@example.com", Role.Support, true, false, null), new StaffRow(3, "Cem", "cem@example.com", Role.Viewer, false, true, null),
        ]).Add(c => c.OnChange, _ => { }).Add(c => c.OnLook, () => { }));

        Assert.Equal(["Active", "Closed", "Locked"], part.FindAll(".state").Select(s => s.TextContent[s.TextContent.IndexOfAny(['A', 'C', 'L'])..].Trim()).ToArray());
        Assert.True(part.Find("#role-2").HasAttribute("disabled"));
        Assert.Contains("Open account", part.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_CapacityAndZone_AreTheReleasersToChange()
    {
        SignInAs(Role.Growth);
        var plan = new PlanFacts(1, "running", "Europe/Berlin", new(9, 0), ["mon"], 100, 500, null, null, 3);

        var part = Render<PlanSettings>(p => p.Add(c => c.Plan, plan).Add(c => c.OnSaved, _ => { }).Add(c => c.OnLook, () => { }));

        Assert.Equal(("500", "Europe/Berlin"), (part.Find("#seats").GetAttribute("value"), part.Find("#workspace-zone").GetAttribute("value")));
        Assert.Null(part.Find("button[data-needs]").GetAttribute("aria-disabled"));
    }

    private IRenderedComponent<LifetimeSettings> Lifetimes(LifetimeFacts facts) => Render<LifetimeSettings>(p => p.Add(c => c.Facts, facts).Add(c => c.OnSaved, _ => { }).Add(c => c.OnLook, () => { }));

    private IRenderedComponent<SourceSettings> Sources(IReadOnlyList<SourceRow> rows, long? edit) =>
        Render<SourceSettings>(p => p.Add(c => c.Sources, rows).Add(c => c.Edit, edit).Add(c => c.Href, id => $"/x?edit={id}").Add(c => c.OnSaved, _ => { }).Add(c => c.OnLook, () => { }));
}
