using System.Globalization;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.People;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Waitlist;

/// <summary>What can be done with one entry: undo for what is ours, a mail that waits ten seconds for one, a question for the rest.</summary>
public sealed partial class EntryActions
{
    private ConfirmDialog? _invite;
    private ConfirmDialog? _replace;
    private ConfirmDialog? _exclude;
    private ConfirmDialog? _decline;
    private string? _reason;
    private bool _busy;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    [Parameter, EditorRequired]
    public required string EntryId { get; set; }

    [Parameter, EditorRequired]
    public required string Name { get; set; }

    [Parameter, EditorRequired]
    public EntryStatus Status { get; set; }

    [Parameter]
    public string? Hold { get; set; }

    /// <summary>The open invitation's code.</summary>
    [Parameter]
    public string? Code { get; set; }

    /// <summary>What the support sentence advises; its button stands out.</summary>
    [Parameter]
    public NextStep Step { get; set; }

    [Parameter]
    public EventCallback OnChange { get; set; }

    private string? Main(NextStep step) => step == Step ? "main" : null;

    private void Ask(ConfirmDialog? dialog)
    {
        _reason = null;
        dialog?.Open();
    }

    private async Task<string?> Invite()
    {
        var outcome = await AsStaff.Do<InvitePerson, CohortFacts>((x, actor) => x.One(actor, EntryId, _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            // Their own page counts down the time to undo.
            var theirs = $"/admin/people/{EntryId}";
            if (new Uri(Navigation.Uri).AbsolutePath != theirs)
            {
                Navigation.NavigateTo(theirs);
            }
        }

        await OnChange.InvokeAsync();
        return outcome.Failure?.Detail;
    }

    private async Task Resend()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        var (id, name) = (EntryId, Name);
        var outcome = await AsStaff.Do<ResendInvitation, Resent>((x, actor) => x.One(actor, id, CancellationToken.None));
        _busy = false;
        if (outcome.Succeeded)
        {
            var mail = outcome.Value.MailId;
            var last = outcome.Value.LastSentAt is { } at ? $" Last sent {Zone.Local(at).ToString("d MMM, HH:mm", CultureInfo.InvariantCulture)}." : "";
            Notices.Done($"The invitation goes to {name} again.{last}", async () =>
            {
                var undone = await AsStaff.Do<ResendInvitation, bool>((x, actor) => x.Undo(actor, id, mail, CancellationToken.None));
                Notices.Say(undone.Failure?.Detail ?? "Undone: nothing was sent again.");
            });
        }
        else
        {
            Notices.Say(outcome.Failure.Detail);
        }

        await OnChange.InvokeAsync();
    }

    private async Task<string?> Replace()
    {
        var outcome = await AsStaff.Do<ReplaceCode, GivenCode>((x, actor) => x.One(actor, EntryId, Code ?? "", _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Say($"{Name} has the new code {outcome.Value.Code}. The mail leaves within seconds.");
        }

        await OnChange.InvokeAsync();
        return outcome.Failure?.Detail;
    }

    private async Task<string?> Exclude()
    {
        var (id, name) = (EntryId, Name);
        var outcome = await AsStaff.Do<ExcludeEntry, EntryFacts>((x, actor) => x.Exclude(actor, id, _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Done($"{name} is excluded: releases pass them by.", () => AsStaff.Do<ExcludeEntry, EntryFacts>((x, actor) => x.Include(actor, id, CancellationToken.None)));
        }

        await OnChange.InvokeAsync();
        return outcome.Failure?.Detail;
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
        }

        await OnChange.InvokeAsync();
        return outcome.Failure?.Detail;
    }
}
