using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Jobs;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Jobs;

/// <summary>Everything the jobs page shows of one tab, read together.</summary>
public sealed record JobsFacts(JobCounts Counts, IReadOnlyList<JobRow> Jobs, IReadOnlyList<RunRow> Runs, IReadOnlyList<MissedRow> Missed, IReadOnlyList<OperationRow> Work, bool More);

/// <summary>The schedules with their next and last runs, the history, what was missed, long work, and a way to run, pause and resume.</summary>
public sealed partial class JobsPage : DashboardPage<JobsView>
{
    private ConfirmDialog? _pause;
    private JobRow? _pausing;
    private string? _reason;

    [PersistentState]
    public JobsFacts? Facts { get; set; }

    protected override bool HasData => Facts is not null;

    private static string Title(JobsTab tab) => tab == JobsTab.Work ? "Long work" : tab.ToString();

    protected override async Task Load(CancellationToken cancel)
    {
        var view = View;
        var job = JobList.All.Any(j => j.Name == view.Job) ? view.Job : null;
        var counts = await AsStaff.Read<JobQueries, JobCounts>(q => q.Counts(cancel));
        var facts = new JobsFacts(counts, [], [], [], [], false);
        switch (view.Tab)
        {
            case JobsTab.Runs:
                var (runs, moreRuns) = await AsStaff.Read<JobQueries, (IReadOnlyList<RunRow>, bool)>(q => q.Runs(job, view.Process, view.Failed, view.Page, Pager.Size, cancel));
                facts = facts with { Runs = runs, More = moreRuns };
                break;
            case JobsTab.Missed:
                var (missed, moreMissed) = await AsStaff.Read<JobQueries, (IReadOnlyList<MissedRow>, bool)>(q => q.Missed(job, view.Page, Pager.Size, cancel));
                facts = facts with { Missed = missed, More = moreMissed };
                break;
            case JobsTab.Work:
                var state = OperationQueries.States.Contains(view.State, StringComparer.Ordinal) ? view.State : null;
                var work = await AsStaff.Read<OperationQueries, OperationRows>(q => q.Page(state, view.Page, Pager.Size, cancel));
                facts = facts with { Work = work.Rows, More = work.More };
                break;
            default:
                facts = facts with { Jobs = await AsStaff.Read<JobQueries, IReadOnlyList<JobRow>>(q => q.Jobs(cancel)) };
                break;
        }

        Facts = facts;
    }

    private async Task RunNow(JobRow job) =>
        await Tell(await AsStaff.Do<JobBoard, bool>((b, actor) => b.RunNow(actor, job.Name, CancellationToken.None)), $"{job.Title} was started.");

    private async Task Resume(JobRow job) =>
        await Tell(await AsStaff.Do<JobBoard, bool>((b, actor) => b.Resume(actor, job.Name, CancellationToken.None)), $"{job.Title} runs again as scheduled.");

    private void AskWhy(JobRow job)
    {
        (_pausing, _reason) = (job, null);
        _pause?.Open();
    }

    private async Task<string?> Pause()
    {
        if (_pausing is not { } job)
        {
            return null;
        }

        var outcome = await AsStaff.Do<JobBoard, bool>((b, actor) => b.Pause(actor, job.Name, _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Done($"{job.Title} is paused.", () => AsStaff.Do<JobBoard, bool>((b, actor) => b.Resume(actor, job.Name, CancellationToken.None)));
            await Reload();
        }

        return outcome.Failure?.Detail;
    }

    private async Task Tell(Outcome<bool> outcome, string done)
    {
        Notices.Say(outcome.Failure?.Detail ?? done);
        await Reload();
    }
}
