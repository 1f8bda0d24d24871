using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>What the rollout says about invitations that are due: none leave while it is paused or halted (which is asked again before each leaves), and of a paced one only so many a minute.</summary>
internal static class RolloutMail
{
    private const long PaceLock = 0x50414345;

    public static bool IsInvitation(string template) => template is "invitation" or "reminder" or "vip";

    /// <summary>How many invitations may be claimed now, at most <paramref name="most"/>. With a pace the caller's transaction holds a lock, so that processes share it.</summary>
    public static async Task<int> Allowed(NpgsqlConnection connection, int most, CancellationToken cancel)
    {
        var (halted, perMinute) = (await connection.Query("SELECT halted, mail_per_minute FROM rollout_mail", row => (row.GetBoolean(0), row.IsDBNull(1) ? (int?)null : row.GetInt32(1)), cancel))[0];
        if (halted || perMinute is not { } pace)
        {
            return halted ? 0 : most;
        }

        // Windows of ten seconds, or as long as one mail takes.
        await connection.Execute("SELECT pg_advisory_xact_lock($1)", cancel, PaceLock);
        var window = Math.Max(10, 60.0 / pace);
        var taken = await connection.Scalar<long>(
            """
            SELECT (SELECT count(*) FROM outbox WHERE template = 'invitation' AND state = 'sent' AND sent_at > clock_timestamp() - $1 * interval '1 second')
              + (SELECT count(*) FROM outbox WHERE template = 'invitation' AND state = 'pending' AND lease_until IS NOT NULL)
            """,
            cancel, window);
        return (int)Math.Clamp(Math.Round(pace * window / 60) - taken, 0, most);
    }
}
