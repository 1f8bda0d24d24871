using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Jobs;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Jobs;
using InviteAdmin.Tests.Pages.Workspace;

namespace InviteAdmin.Tests.Pages.Jobs;

public sealed class JobListsTests : StaffContext
{
    private static readonly JobRow Sweep = new(
        "sweep", "Outbox sweep", "Frees mail.", "every minute", DateTimeOffset.UnixEpoch.AddMinutes(1), null, false, DateTimeOffset.UnixEpoch, true, TimeSpan.FromMilliseconds(12), "0 freed", 10, 0, 0);

    [Fact]
    public void Schedules_Paused_SayWhoSinceWhenAndWhyAndOfferToResume()
    {
        SignInAs(Role.Growth);

        var list = Schedules(Sweep with { NextAt = null, Pause = new("Bea", DateTimeOffset.UnixEpoch, "Mail is being moved.") });

        Assert.Contains("by Bea since", list.Markup, StringComparison.Ordinal);
        Assert.Contains("Mail is being moved.", list.Markup, StringComparison.Ordinal);
        Assert.Contains("when resumed", list.Markup, StringComparison.Ordinal);
        Assert.Equal(["Run now", "Resume"], list.FindAll("button").Select(b => b.TextContent.Replace("play_arrow", "", StringComparison.Ordinal).Trim()));
    }

    [Fact]
    public void Schedules_FailingAgainAndAgain_SaySo()
    {
        SignInAs(Role.Owner);

        var list = Schedules(Sweep with { LastSucceeded = false, FailuresInARow = 3, LastResult = "The mail server said no." });

        Assert.Contains("Failed", list.Find(".state").TextContent, StringComparison.Ordinal);
        Assert.Contains("3 times in a row", list.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Schedules_ForSupport_AreShownAndTheirButtonsSayWhoMay()
    {
        SignInAs(Role.Support);

        Assert.All(Schedules(Sweep).FindAll("button"), b => Assert.Contains("Owner or Growth or Developer", b.GetAttribute("title"), StringComparison.Ordinal));
    }

    [Fact]
    public void Runs_EmptyFilteredFilled_EachHasItsFace()
    {
        var list = Render<RunList>(p => p.Add(c => c.View, new() { Tab = JobsTab.Runs }).Add(c => c.Href, UrlOf).Add(c => c.Runs, []));
        Assert.Equal("Nothing has run yet", list.Find(".blank h2").TextContent);

        list.Render(p => p.Add(c => c.View, new() { Tab = JobsTab.Runs, Failed = true }));
        Assert.Equal("/admin/jobs?tab=runs", list.Find(".blank a").GetAttribute("href"));

        list.Render(p => p.Add(c => c.Runs, [new RunRow("sweep", DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1.26), false, true, "host:1", null, "<b>It broke</b>")]));
        Assert.Contains("Outbox sweep, by hand", list.Find("td.lead").TextContent, StringComparison.Ordinal);
        Assert.Equal("1.3 s", list.Find("td.num").TextContent);
        Assert.Equal("<b>It broke</b>", list.Find("td[data-name=Result]").TextContent);
    }

    [Fact]
    public void Missed_EmptyAndFilled_EachHasItsFace()
    {
        var list = Render<MissedList>(p => p.Add(c => c.View, new() { Tab = JobsTab.Missed }).Add(c => c.Href, UrlOf).Add(c => c.Missed, []));
        Assert.Equal("No run was missed", list.Find(".blank h2").TextContent);

        list.Render(p => p.Add(c => c.Missed, [new MissedRow("lapse", DateTimeOffset.UnixEpoch, null, "host:1", "No process was there.")]));
        Assert.Equal("Lapse and remind", list.Find("td.lead").TextContent);
    }

    [Fact]
    public void Work_OfEveryState_ShowsProgressErrorAndWhatCameOfIt()
    {
        var list = Render<WorkList>(p => p.Add(c => c.View, new() { Tab = JobsTab.Work }).Add(c => c.Href, UrlOf).Add(c => c.Work,
        [
            Work("import", "running", 50, 200), Work("release", "done", 3, 3, facts: [new("number", "7"), new("invited", "3")]), Work("mint-words", "failed", 0, 0, error: "No such word."),
        ]));

        Assert.Equal("Import: progress", list.Find("[role=progressbar]").GetAttribute("aria-label"));
        Assert.Contains("50 of 200", list.Markup, StringComparison.Ordinal);
        Assert.Equal("/admin/cohorts/7", list.Find("tbody a").GetAttribute("href"));
        Assert.Contains("Mint words", list.Markup, StringComparison.Ordinal);
        Assert.Contains("No such word.", list.Markup, StringComparison.Ordinal);
    }

    private static string UrlOf(JobsView view) => UrlState<JobsView>.Href("/admin/jobs", view);

    private static OperationRow Work(string kind, string state, long done, long total, string? error = null, params KeyValuePair<string, string>[] facts) =>
        new("op_1", kind, state, done, total, error, "Bea", "host:1", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, state == "running" ? null : DateTimeOffset.UnixEpoch.AddSeconds(2), facts);

    private IRenderedComponent<ScheduleList> Schedules(JobRow job) => Render<ScheduleList>(p => p.Add(c => c.Jobs, [job]).Add(c => c.RunsHref, name => $"/x?job={name}").Add(c => c.OnRun, _ => { }).Add(c => c.OnPause, _ => { }).Add(c => c.OnResume, _ => { }));
}
