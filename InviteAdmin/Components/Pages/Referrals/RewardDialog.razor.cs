using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Referrals;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Referrals;

/// <summary>Asks why a member is rewarded, rewards them, and offers the way back: for ten seconds in the line at the bottom, afterwards beside the member.</summary>
public sealed partial class RewardDialog
{
    private ConfirmDialog? _ask;
    private string _userId = "";
    private string _name = "";
    private string _tier = "";
    private string? _reason;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Parameter]
    public EventCallback OnChange { get; set; }

    public void Ask(string userId, string name, string tier)
    {
        (_userId, _name, _tier, _reason) = (userId, name, tier, null);
        StateHasChanged();
        _ask?.Open();
    }

    public async Task TakeBack(string userId, string name)
    {
        await Undo(userId, name);
        await OnChange.InvokeAsync();
    }

    private async Task<string?> Give()
    {
        var (userId, name) = (_userId, _name);
        var outcome = await AsStaff.Do<RewardMember, RewardGiven>((x, actor) => x.One(actor, userId, _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Done($"{name} is a VIP and has {outcome.Value.Codes} more codes.", () => Undo(userId, name));
            await OnChange.InvokeAsync();
        }

        return outcome.Failure?.Detail;
    }

    private async Task Undo(string userId, string name)
    {
        var outcome = await AsStaff.Do<UndoReward, int>((x, actor) => x.One(actor, userId, CancellationToken.None));
        Notices.Say(outcome.Failure?.Detail ?? $"The reward of {name} is taken back: its {outcome.Value} codes have ended.");
    }
}
