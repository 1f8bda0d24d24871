using System.Globalization;
using InviteAdmin.Components.Shared;
using InviteAdmin.Jobs;
using InviteAdmin.Results;

namespace InviteAdmin.Components.Pages.Jobs;

/// <summary>The schedules with their next and last runs, the history, and a way to run one now.</summary>
public sealed partial class JobsPage : DashboardPage<JobsView>
{
    private const int Size = 25;
    private IReadOnlyList<JobRow>? _jobs;
    private IReadOnlyList<RunRow> _runs = [];
    private bool _more;

    protected override bool HasData => _jobs is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        var view = View;
        (_runs, _more) = await AsStaff.Read<JobBoard, (IReadOnlyList<RunRow>, bool)>(b => b.Runs(view.Job, view.Failed, Math.Max(1, view.Page), Size, cancel));
        _jobs = await AsStaff.Read<JobBoard, IReadOnlyList<JobRow>>(b => b.Jobs(cancel));
    }

    private async Task RunNow(JobRow job) =>
        await Tell(await AsStaff.Do<JobBoard, bool>((b, actor) => b.RunNow(actor, job.Name, CancellationToken.None)), $"{job.Title} was started.");

    private async Task Resume(JobRow job) =>
        await Tell(await AsStaff.Do<JobBoard, bool>((b, actor) => b.Resume(actor, job.Name, CancellationToken.None)), $"{job.Title} runs again as scheduled.");

    private async Task Pause(JobRow job)
    {
        var outcome = await AsStaff.Do<JobBoard, bool>((b, actor) => b.Pause(actor, job.Name, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Done($"{job.Title} is paused.", () => AsStaff.Do<JobBoard, bool>((b, actor) => b.Resume(actor, job.Name, CancellationToken.None)));
            await Reload();
        }
        else
        {
            await Tell(outcome, "");
        }
    }

    private async Task Tell(Outcome<bool> outcome, string done)
    {
        Notices.Say(outcome.Failure?.Detail ?? done);
        await Reload();
    }

    private static string Took(TimeSpan span) => span.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s");
}
