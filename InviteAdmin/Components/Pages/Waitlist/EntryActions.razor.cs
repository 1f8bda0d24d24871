using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Waitlist;

/// <summary>What can be done with one entry: undo for what is ours, ten seconds' delay for mail, a question for the rest.</summary>
public sealed partial class EntryActions
{
    private Shared.ConfirmDialog? _decline;
    private string? _reason;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required string EntryId { get; set; }

    [Parameter, EditorRequired]
    public required string Name { get; set; }

    [Parameter, EditorRequired]
    public EntryStatus Status { get; set; }

    [Parameter]
    public string? Hold { get; set; }

    [Parameter]
    public EventCallback OnChange { get; set; }

    private void Invite() => Navigation.NavigateTo($"/admin/invite?entry={EntryId}");

    private void Resend()
    {
        var (id, name) = (EntryId, Name);
        Notices.Soon($"The invitation goes to {name} again.", async () =>
        {
            var outcome = await AsStaff.Do<ResendInvitation, long>((x, actor) => x.One(actor, id, CancellationToken.None));
            Notices.Say(outcome.Failure?.Detail ?? $"Sent to {name} again.");
        });
    }

    private async Task Exclude()
    {
        var (id, name) = (EntryId, Name);
        var outcome = await AsStaff.Do<ExcludeEntry, EntryFacts>((x, actor) => x.Exclude(actor, id, null, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Done($"{name} is excluded: releases pass them by.", () => AsStaff.Do<ExcludeEntry, EntryFacts>((x, actor) => x.Include(actor, id, CancellationToken.None)));
        }
        else
        {
            Notices.Say(outcome.Failure.Detail);
        }

        await OnChange.InvokeAsync();
    }

    private async Task Include()
    {
        var outcome = await AsStaff.Do<ExcludeEntry, EntryFacts>((x, actor) => x.Include(actor, EntryId, CancellationToken.None));
        Notices.Say(outcome.Failure?.Detail ?? $"{Name} is back at their old place.");
        await OnChange.InvokeAsync();
    }

    private async Task<string?> Decline()
    {
        var outcome = await AsStaff.Do<DeclineEntry, EntryFacts>((x, actor) => x.ById(actor, EntryId, _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Say($"{Name} has left the waitlist.");
            await OnChange.InvokeAsync();
        }

        return outcome.Failure?.Detail;
    }
}
