using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>A milestone with this threshold exists.</summary>
public sealed record MilestoneExists() : Failure("milestone-exists", "There is a milestone at this number already. Change that one.");

/// <summary>
/// Adds, edits and removes the rules that reward referrals. Grants that were made stay as they are; an edit counts for those who reach
/// the milestone from then on. A new milestone is granted at once to whoever has brought as many already, as the rule says “at least”.
/// </summary>
public sealed class ChangeMilestone(Transactions transactions, LifetimeRules lifetimes)
{
    public const int MostThreshold = 100_000;
    public const int MostCodes = 1_000;

    /// <summary>More than these are not rewarded in one transaction.</summary>
    public const int MostGranted = 10_000;

    /// <summary>How many members were granted it at once.</summary>
    public async Task<Outcome<int>> Add(Actor actor, int threshold, int codes, string? tier, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        if (Check(threshold, codes, ref tier) is { } invalid)
        {
            return invalid;
        }

        LongWork.Begin();
        return await transactions.Run<int>(async connection =>
        {
            // Whoever reaches the number at this moment either has been counted below, or waits and then finds the new rule.
            await connection.Execute("SET LOCAL lock_timeout = '3s'", cancel);
            await connection.Execute("LOCK TABLE milestones IN ACCESS EXCLUSIVE MODE", cancel);
            if (await connection.Execute("INSERT INTO milestones (threshold, codes, tier) VALUES ($1, $2, $3) ON CONFLICT (threshold) DO NOTHING", cancel, threshold, codes, TextOrNull(tier)) == 0)
            {
                return new MilestoneExists();
            }

            var there = await connection.Query(
                $"SELECT public_id FROM members WHERE credited_referrals >= $1 ORDER BY id LIMIT {MostGranted + 1}", row => row.GetString(0), cancel, threshold);
            if (there.Count > MostGranted)
            {
                return new Invalid("threshold", $"More than {MostGranted:N0} members have brought as many already, and each would be rewarded at once. Choose a higher number.");
            }

            if (there.Count > 0)
            {
                await connection.Execute(RedeemSql.Reward, cancel, there.ToArray(), (await lifetimes.Now(connection, cancel)).PersonalDays);
            }

            await connection.Audit(actor, "milestone.added", "milestone", Id(threshold), cancel, after: new { Codes = codes, Tier = tier, Granted = there.Count });
            return there.Count;
        }, cancel);
    }

    /// <param name="version">That of the row the form was filled with.</param>
    public async Task<Outcome<bool>> Edit(Actor actor, int threshold, int codes, string? tier, uint version, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        if (Check(threshold, codes, ref tier) is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<bool>(async connection =>
        {
            if (await Lock(connection, threshold, cancel) is not { } before)
            {
                return new NotFound("milestone");
            }

            if (before.Version != version)
            {
                return new StaleEdit();
            }

            if (before.Codes == codes && before.Tier == tier)
            {
                return true;
            }

            await connection.Execute("UPDATE milestones SET codes = $2, tier = $3 WHERE threshold = $1", cancel, threshold, codes, TextOrNull(tier));
            await connection.Audit(actor, "milestone.edited", "milestone", Id(threshold), cancel, before: new { before.Codes, before.Tier }, after: new { Codes = codes, Tier = tier });
            return true;
        }, cancel);
    }

    public async Task<Outcome<bool>> Remove(Actor actor, int threshold, uint version, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<bool>(async connection =>
        {
            if (await Lock(connection, threshold, cancel) is not { } before)
            {
                return new NotFound("milestone");
            }

            if (before.Version != version)
            {
                return new StaleEdit();
            }

            await connection.Execute("DELETE FROM milestones WHERE threshold = $1", cancel, threshold);
            await connection.Audit(actor, "milestone.removed", "milestone", Id(threshold), cancel, before: new { before.Codes, before.Tier });
            return true;
        }, cancel);
    }

    private static Invalid? Check(int threshold, int codes, ref string? tier)
    {
        var checks = new FieldChecks();
        checks.Within("threshold", threshold, 1, MostThreshold);
        checks.Within("codes", codes, 0, MostCodes);
        tier = checks.Text("tier", tier, 40);
        return checks.Failure;
    }

    private static async Task<Locked?> Lock(NpgsqlConnection connection, int threshold, CancellationToken cancel) => (await connection.Query(
        "SELECT codes, tier, xmin FROM milestones WHERE threshold = $1 FOR UPDATE", row => new Locked(row.GetInt32(0), row.Text(1), row.GetFieldValue<uint>(2)), cancel, threshold)).FirstOrDefault();

    private static NpgsqlParameter TextOrNull(string? text) => new NpgsqlParameter<string?> { TypedValue = text, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    private static string Id(int threshold) => threshold.ToString(CultureInfo.InvariantCulture);

    private sealed record Locked(int Codes, string? Tier, uint Version);
}
