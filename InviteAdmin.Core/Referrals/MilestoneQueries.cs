using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>A milestone and how many members were granted it.</summary>
/// <param name="Version">The row's, for an edit to name.</param>
/// <param name="ChangedBy">Who changed it last, when somebody did.</param>
public sealed record MilestoneRow(int Threshold, int Codes, string? Tier, long Granted, uint Version, string? ChangedBy, DateTimeOffset? ChangedAt);

/// <summary>Reads of the rules that reward referrals.</summary>
public sealed class MilestoneQueries(NpgsqlDataSource source)
{
    /// <summary>By threshold.</summary>
    public async Task<IReadOnlyList<MilestoneRow>> All(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            SELECT s.threshold, s.codes, s.tier, (SELECT count(*) FROM reward_grants g WHERE g.threshold = s.threshold), s.xmin, a.actor_name, a.at
            FROM milestones s LEFT JOIN LATERAL (SELECT actor_name, at FROM audit_log WHERE target_kind = 'milestone' AND target_id = s.threshold::text ORDER BY id DESC LIMIT 1) a ON true
            ORDER BY s.threshold
            """,
            row => new MilestoneRow(row.GetInt32(0), row.GetInt32(1), row.Text(2), row.GetInt64(3), row.GetFieldValue<uint>(4), row.Text(5), row.Time(6)), cancel);
    }

    /// <summary>How many members have brought as many already, counted up to one more than a new milestone may reward.</summary>
    public async Task<long> HaveBrought(int threshold, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<long>($"SELECT count(*) FROM (SELECT 1 FROM members WHERE credited_referrals >= $1 LIMIT {ChangeMilestone.MostGranted + 1}) x", cancel, threshold);
    }
}
