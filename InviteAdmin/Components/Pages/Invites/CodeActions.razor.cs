using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Invites;

/// <summary>What can be done with one code: a new end, another limit, taking it back. Each edit carries what its editor saw.</summary>
public sealed partial class CodeActions
{
    private ConfirmDialog? _revoke;
    private ConfirmDialog? _extend;
    private ConfirmDialog? _limit;
    private string? _reason;
    private DateTimeOffset? _seenEnd;
    private DateOnly? _lastDay;
    private int _seenLimit;
    private int _uses;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    [Parameter, EditorRequired]
    public required CodeDetail Detail { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnChange { get; set; }

    private void AskForEnd()
    {
        _seenEnd = Detail.ExpiresAt;
        _lastDay = _seenEnd is { } end && end > new DateTimeOffset(Zone.Today, TimeOnly.MinValue, TimeSpan.Zero) ? DateOnly.FromDateTime(Zone.Local(end).DateTime) : Zone.Today.AddDays(7);
        _extend?.Open();
    }

    private void AskForLimit()
    {
        (_seenLimit, _uses) = (Detail.MaxUses, Detail.MaxUses);
        _limit?.Open();
    }

    private async Task<string?> Revoke()
    {
        var outcome = await AsStaff.Do<RevokeCode, CodeFacts>((x, actor) => x.One(actor, Detail.Code, _reason, CancellationToken.None));
        return await Said(outcome, null);
    }

    private async Task<string?> Extend()
    {
        var until = _lastDay is { } day ? EndOf(day) : (DateTimeOffset?)null;
        var outcome = await AsStaff.Do<ExtendCode, CodeFacts>((x, actor) => x.One(actor, Detail.Code, new ExtendRequest(until, _seenEnd), CancellationToken.None));
        var refusal = await Said(outcome, until is null ? $"{Detail.Code} never runs out now." : $"{Detail.Code} works until {_lastDay:d MMM yyyy}.");
        // Whoever saves again has seen what it is now.
        _seenEnd = Detail.ExpiresAt;
        return refusal;
    }

    private async Task<string?> ChangeLimit()
    {
        var outcome = await AsStaff.Do<RaiseLimit, CodeFacts>((x, actor) => x.One(actor, Detail.Code, new LimitRequest(_uses, _seenLimit), CancellationToken.None));
        var refusal = await Said(outcome, $"{Detail.Code} works {Say.Count(_uses, "time", "times")} in all.");
        _seenLimit = Detail.MaxUses;
        return refusal;
    }

    private async Task<string?> Said(Outcome<CodeFacts> outcome, string? done)
    {
        if (outcome.Succeeded && done is not null)
        {
            Notices.Say(done);
        }

        if (outcome.Succeeded || outcome.Failure is CodeChanged)
        {
            await OnChange.InvokeAsync();
        }

        return outcome.Failure?.Detail;
    }

    // The first moment that is no longer of that day, in the workspace's zone.
    private DateTimeOffset EndOf(DateOnly day)
    {
        var midnight = day.AddDays(1).ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, Zone.Current.GetUtcOffset(midnight)).ToUniversalTime();
    }
}
