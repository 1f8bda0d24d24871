using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>Everything a cohort's page shows, read together; no row when there is no such cohort.</summary>
public sealed record CohortPageFacts(CohortRow? Row, IReadOnlyList<CohortDay> ByDay, IReadOnlyList<CohortPerson> People, RecallPreview Recall, int? MailPerMinute = null);

/// <summary>One cohort: who, how far they have come, and the ways back.</summary>
public sealed partial class CohortPage : DashboardPage<CohortView>
{
    private ConfirmDialog? _recall;
    private string? _reason;
    private bool _mayRelease;
    private CohortCheckReport? _checked;

    [Parameter]
    public required string Number { get; set; }

    [PersistentState]
    public CohortPageFacts? Facts { get; set; }

    [Inject]
    public required TimeProvider Time { get; init; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    private bool UndoIsOpen => Facts?.Row?.Cohort.UndoUntil > Time.GetUtcNow();

    protected override async Task Load(CancellationToken cancel)
    {
        var page = Math.Max(1, View.Page);
        var row = await AsStaff.Read<CohortQueries, CohortRow?>(q => q.Find(Number, cancel));
        if (row is null)
        {
            Facts = new(null, [], [], new(0, 0, 0));
            return;
        }

        var byDay = await AsStaff.Read<CohortQueries, IReadOnlyList<CohortDay>>(q => q.ByDay(row.Cohort.Id, cancel));
        var people = await AsStaff.Read<CohortQueries, IReadOnlyList<CohortPerson>>(q => q.People(row.Cohort.Id, (page - 1) * Pager.Size, Pager.Size, cancel));
        Facts = new(row, byDay, people, await AsStaff.Read<CohortQueries, RecallPreview>(q => q.RecallOf(row.Cohort.Id, cancel)), (await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(cancel))).MailPerMinute);
    }

    protected override async Task OnParametersSetAsync() => _mayRelease = (await AsStaff.Actor()).Refuse(Permission.Release) is null;

    private string Sentence(CohortRow row) =>
        $"Released {Zone.Local(row.Cohort.CreatedAt).ToString("d MMM yyyy, HH:mm", System.Globalization.CultureInfo.InvariantCulture)} by {row.Cohort.CreatedBy}.";

    private string MailNote(CohortRow row) =>
        UndoIsOpen && row.Cohort.State == "released" ? "held until the undo window closes" : row.Sent == row.Cohort.Invited ? "all of them" : $"{Say.Number(row.Cohort.Invited - row.Sent)} not sent{Left(row)}";

    // Of a paced batch, how long the rest takes.
    private string Left(CohortRow row) => Facts?.MailPerMinute is { } pace && Facts.Recall.UnsentMails > 0
        ? $", {Say.Span(TimeSpan.FromMinutes(Math.Ceiling((double)Facts.Recall.UnsentMails / pace)))} at {Say.Number(pace)} a minute" : "";

    private async Task CheckOrder() => _checked = await AsStaff.Read<CheckCohort, CohortCheckReport?>(c => c.One(Facts!.Row!.Cohort.Id, CancellationToken.None));

    private async Task Undo()
    {
        var id = Facts!.Row!.Cohort.Id;
        var outcome = await AsStaff.Do<RecallCohort, int>((x, actor) => x.Undo(actor, id, CancellationToken.None));
        await Reload();
        Notices.Say(outcome.Failure?.Detail ?? $"Undone: no mail was sent, and {Say.People(outcome.Value)} {(outcome.Value == 1 ? "waits" : "wait")} again at their old place.");
    }

    private async Task<string?> Recall()
    {
        var id = Facts!.Row!.Cohort.Id;
        var outcome = await AsStaff.Do<RecallCohort, int>((x, actor) => x.Recall(actor, id, _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Say($"Recalled: {Say.People(outcome.Value)} {(outcome.Value == 1 ? "waits" : "wait")} again at their old place.");
            await Reload();
        }

        return outcome.Failure?.Detail;
    }
}
