using System.Data.Common;

namespace InviteAdmin.Rollout;

/// <summary>What a recall takes back and what it leaves.</summary>
/// <param name="Codes">Unused codes that stop working; as many people wait again at their old place.</param>
/// <param name="UnsentMails">Invitations that have not left and are cancelled.</param>
/// <param name="Members">People who registered and stay.</param>
public sealed record RecallPreview(long Codes, long UnsentMails, long Members)
{
    internal const string Sql =
        """
        SELECT count(*) FILTER (WHERE k.status = 'active' AND k.used_count = 0 AND k.lapsed_at IS NULL), count(*) FILTER (WHERE k.status = 'active' AND k.used_count = 0 AND k.lapsed_at IS NULL AND o.state = 'pending'),
          count(*) FILTER (WHERE k.used_count > 0)
        FROM cohorts c JOIN invite_codes k ON k.cohort_id = c.id AND k.kind = 'waitlist' LEFT JOIN outbox o ON o.dedupe_key = 'invitation:' || k.id
        """;

    internal static RecallPreview Read(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
}
