using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>The point rules as their form shows them: the values in force, which of them the configuration decides and by what name, who saved last, and the count that is under way.</summary>
/// <param name="Locks">By the names of <see cref="PointValues"/>; what is missing can be changed.</param>
/// <param name="Version">The row's, for an edit to name.</param>
/// <param name="Count">The work that counts everybody again, until it is done; null when none is open.</param>
public sealed record PointRuleFacts(PointValues Values, IReadOnlyDictionary<string, string> Locks, string? ChangedBy, DateTimeOffset? ChangedAt, uint Version, OpenCount? Count);

/// <summary>A count that has not come to its end.</summary>
/// <param name="State">queued, running, or failed: then it was broken off in the middle and has to be started again.</param>
public sealed record OpenCount(string OperationId, string State, string? Error);

/// <summary>
/// Saves what a credit is worth. It counts for who joins from then on, or for everybody who waits: then their points are counted again as long work, and nobody is invited before
/// that is done, because no order in between is one that anybody decided.
/// </summary>
public sealed class ChangePointRules(Transactions transactions, Operations operations, PointRules rules, NpgsqlDataSource source)
{
    /// <summary>Most points of one credit.</summary>
    public const int Most = 10_000;

    private static readonly string[] Names = [nameof(PointValues.ArrivedPoints), nameof(PointValues.BroughtPoints)];

    public async Task<PointRuleFacts> Read(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await Read(connection, "", cancel)).Facts;
    }

    /// <summary>A value that the configuration decides is passed over. Answers with what is in force afterwards.</summary>
    /// <param name="again">Whether to count everybody again, also by the points that sources give now.</param>
    /// <param name="version">That of the facts the form was filled with.</param>
    public async Task<Outcome<PointRuleFacts>> Save(Actor actor, PointValues wanted, bool again, uint version, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        if (Check(wanted) is { } invalid)
        {
            return invalid;
        }

        var outcome = await transactions.Run<PointRuleFacts>(async connection =>
        {
            // The plan's row first, as every release: those under way end before the rules change, and those that follow see the count.
            await PlanLock.Take(connection, cancel);
            var (before, number) = await Read(connection, "FOR UPDATE OF s", cancel);
            if (before.Count is { State: not "failed" })
            {
                return new PointsBeingCounted();
            }

            if (before.Version != version)
            {
                return new StaleEdit();
            }

            if (before.Count is not null && !again)
            {
                return new Invalid(new Dictionary<string, string> { ["again"] = "The last count was broken off in the middle, so that some have points by the new rules and some by the old. Count everybody again." });
            }

            var saved = Values(wanted).Where(v => rules.SetBy(v.Name) is null).ToDictionary(v => v.Name, v => v.Points, StringComparer.Ordinal);
            await connection.Execute(
                "UPDATE settings SET saved = saved || $1::jsonb, changed_by = $2, changed_at = now(), version = version + 1 WHERE section = 'points'", cancel, JsonSerializer.Serialize(saved), actor.Name);
            var (after, _) = await Read(connection, "", cancel);
            if (again)
            {
                await Queue(connection, actor, new(number + 1, after.Values.ArrivedPoints, after.Values.BroughtPoints), cancel);
            }

            if (again || after.Values != before.Values)
            {
                await connection.Audit(actor, "settings.points", "settings", "points", cancel, before: before.Values, after: new { after.Values.ArrivedPoints, after.Values.BroughtPoints, CountedAgain = again });
            }

            return (await Read(connection, "", cancel)).Facts;
        }, cancel);
        rules.Forget();
        return outcome;
    }

    private async Task Queue(NpgsqlConnection connection, Actor actor, CountRequest request, CancellationToken cancel)
    {
        var id = await operations.Queue(connection, actor, CountPoints.Kind, $"{CountPoints.Kind}:{request.Number}", JsonSerializer.Serialize(request, JsonSerializerOptions.Web), cancel);
        await connection.Execute("UPDATE rollout_plans SET counting = $1 WHERE is_current", cancel, id);
    }

    private async Task<(PointRuleFacts Facts, int Number)> Read(NpgsqlConnection connection, string locked, CancellationToken cancel) => (await connection.Query(
        $"""
        SELECT s.saved::text, s.changed_by, s.changed_at, s.xmin, s.version, p.counting, coalesce(o.state, 'failed'), o.error
        FROM settings s JOIN rollout_plans p ON p.is_current LEFT JOIN operations o ON o.public_id = p.counting WHERE s.section = 'points' {locked}
        """,
        row => (new PointRuleFacts(
            rules.Of(row.GetString(0)), Names.Where(n => rules.SetBy(n) is not null).ToDictionary(n => n, n => rules.SetBy(n)!, StringComparer.Ordinal), row.Text(1), row.Time(2), row.GetFieldValue<uint>(3),
            row.IsDBNull(5) ? null : new OpenCount(row.GetString(5), row.GetString(6), row.Text(7))), row.GetInt32(4)),
        cancel))[0];

    /// <summary>What is wrong with these values, by field; null when nothing is.</summary>
    internal static Invalid? Check(PointValues wanted)
    {
        var checks = new FieldChecks();
        foreach (var (name, points) in Values(wanted))
        {
            if (points is < 0 or > Most)
            {
                checks.Refuse(JsonNamingPolicy.CamelCase.ConvertName(name), $"This must be between 0 and {Most:N0}.");
            }
        }

        return checks.Failure;
    }

    private static (string Name, int Points)[] Values(PointValues of) => [(nameof(of.ArrivedPoints), of.ArrivedPoints), (nameof(of.BroughtPoints), of.BroughtPoints)];
}
