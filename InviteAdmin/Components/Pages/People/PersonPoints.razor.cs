using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.People;
using InviteAdmin.Referrals;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.People;

/// <summary>A person's ledger of points, and the two things staff can do with it: change by a reason, take such a change back.</summary>
public sealed partial class PersonPoints
{
    private ConfirmDialog? _change;
    private int? _points;
    private string? _reason;
    private string _requestKey = "";

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Parameter, EditorRequired]
    public required PersonFacts Person { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnChange { get; set; }

    private string EntryId => Person.Entry!.Row.Id;

    private void Open()
    {
        // One key per question: however often its answer is sent, it counts once.
        (_points, _reason, _requestKey) = (null, null, Guid.NewGuid().ToString("N"));
        _change?.Open();
    }

    private async Task<string?> Change()
    {
        var (id, name) = (EntryId, Person.Name);
        var outcome = await AsStaff.Do<ChangePoints, ChangedPoints>((x, actor) => x.One(actor, id, _points ?? 0, _reason, _requestKey, CancellationToken.None));
        if (outcome.Succeeded)
        {
            var changed = outcome.Value;
            Notices.Done($"{name} has {Say.Count(changed.After, "point", "points")} now, {Say.Number(changed.Before)} before.", async () =>
            {
                var undone = await AsStaff.Do<ChangePoints, ChangedPoints>((x, actor) => x.TakeBack(actor, id, changed.LedgerId, "Undone.", CancellationToken.None));
                Notices.Say(undone.Failure?.Detail ?? $"Undone: {name} has {Say.Count(undone.Value!.After, "point", "points")} again.");
            });
        }

        await OnChange.InvokeAsync();
        return outcome.Failure?.Detail;
    }

    private async Task TakeBack(LedgerLine line)
    {
        var outcome = await AsStaff.Do<ChangePoints, ChangedPoints>((x, actor) => x.TakeBack(actor, EntryId, line.Id, null, CancellationToken.None));
        Notices.Say(outcome.Failure?.Detail ?? $"Taken back: {Person.Name} has {Say.Count(outcome.Value!.After, "point", "points")}.");
        await OnChange.InvokeAsync();
    }
}
