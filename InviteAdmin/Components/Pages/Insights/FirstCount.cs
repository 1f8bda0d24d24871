using InviteAdmin.Access;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using InviteAdmin.Results;

namespace InviteAdmin.Components.Pages.Insights;

/// <summary>The first look at an installation whose counts were never made makes them; afterwards the job does.</summary>
public static class FirstCount
{
    public static async Task CountOnce(this AsStaff staff, CancellationToken cancel)
    {
        if (await staff.Read<InsightQueries, DateTimeOffset?>(q => q.CountedAt(cancel)) is null)
        {
            // In the product's own name: whoever may look needs the counts, and may not run jobs.
            await staff.Ask<RefreshInsights, Outcome<InsightReport>>((counts, _) => counts.Run(Actor.System, cancel));
        }
    }
}
