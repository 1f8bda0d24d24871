using InviteAdmin.Rollout;

namespace InviteAdmin.Live;

/// <summary>Pauses the plan in one click, wherever it is clicked.</summary>
public static class PlanPause
{
    /// <summary>Whether there is something to pause.</summary>
    public static bool Fits(string? state) => state is "running" or "soaking" or "holding";

    /// <summary>Pauses and says so, with the way back where there is one: what was halted or held would not be held again by letting it run.</summary>
    /// <param name="state">The plan's state as it was seen.</param>
    public static async Task Now(AsStaff asStaff, Notices notices, string? state)
    {
        var outcome = await asStaff.Do<ChangePlan, bool>((x, actor) => x.Pause(actor, null, CancellationToken.None));
        if (!outcome.Succeeded)
        {
            notices.Say(outcome.Failure.Detail);
        }
        else if (state == "holding")
        {
            notices.Say("Paused. Nothing goes out, by schedule or by hand.");
        }
        else
        {
            notices.Done("Paused. Nothing goes out, by schedule or by hand.", () => asStaff.Do<ChangePlan, bool>((x, actor) => x.Run(actor, null, CancellationToken.None)));
        }
    }
}
