using System.Globalization;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>The lifetimes as their form shows them: the values in force, which of them the configuration decides and by what name, and who saved last.</summary>
/// <param name="Locks">By the names of <see cref="Lifetimes"/>; what is missing can be changed.</param>
/// <param name="Version">The row's, for an edit to name.</param>
public sealed record LifetimeFacts(Lifetimes Values, IReadOnlyDictionary<string, string> Locks, string? ChangedBy, DateTimeOffset? ChangedAt, uint Version);

/// <summary>Saves how long codes live. It counts for codes made from then on; those that exist keep their end.</summary>
public sealed class ChangeLifetimes(Transactions transactions, LifetimeRules rules, NpgsqlDataSource source)
{
    private static readonly string[] Names = [nameof(Lifetimes.InvitationDays), nameof(Lifetimes.ReminderDays), nameof(Lifetimes.PersonalDays), nameof(Lifetimes.VipDays)];

    public async Task<LifetimeFacts> Read(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await Read(connection, "", cancel);
    }

    /// <summary>A value that the configuration decides is passed over. Answers with what is in force afterwards.</summary>
    /// <param name="version">That of the facts the form was filled with.</param>
    public async Task<Outcome<LifetimeFacts>> Save(Actor actor, Lifetimes wanted, uint version, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        if (Check(wanted) is { } invalid)
        {
            return invalid;
        }

        var outcome = await transactions.Run<LifetimeFacts>(async connection =>
        {
            var before = await Read(connection, "FOR UPDATE", cancel);
            if (before.Version != version)
            {
                return new StaleEdit();
            }

            var saved = Values(wanted).Where(v => rules.SetBy(v.Name) is null).ToDictionary(v => v.Name, v => v.Days, StringComparer.Ordinal);
            await connection.Execute(
                "UPDATE settings SET saved = saved || $1::jsonb, changed_by = $2, changed_at = now() WHERE section = 'lifetimes'", cancel, JsonSerializer.Serialize(saved), actor.Name);
            var after = await Read(connection, "", cancel);
            if (after.Values != before.Values)
            {
                await connection.Audit(actor, "settings.lifetimes", "settings", "lifetimes", cancel, before: before.Values, after: after.Values);
            }

            return after;
        }, cancel);
        rules.Forget();
        return outcome;
    }

    private async Task<LifetimeFacts> Read(NpgsqlConnection connection, string locked, CancellationToken cancel) => (await connection.Query(
        $"SELECT saved::text, changed_by, changed_at, xmin FROM settings WHERE section = 'lifetimes' {locked}",
        row => new LifetimeFacts(
            rules.Of(row.GetString(0)), Names.Where(n => rules.SetBy(n) is not null).ToDictionary(n => n, n => rules.SetBy(n)!, StringComparer.Ordinal), row.Text(1), row.Time(2), row.GetFieldValue<uint>(3)),
        cancel))[0];

    // The same bounds as the configuration's, with the field in place of its key.
    private static Invalid? Check(Lifetimes wanted)
    {
        var checks = new FieldChecks();
        var options = new InvitesOptions { InvitationDays = wanted.InvitationDays, ReminderDays = wanted.ReminderDays, PersonalDays = wanted.PersonalDays, VipDays = wanted.VipDays };
        foreach (var problem in OptionRules.Problems(options))
        {
            var (key, rest) = (problem[..problem.IndexOf(' ', StringComparison.Ordinal)], problem[problem.IndexOf(' ', StringComparison.Ordinal)..]);
            checks.Refuse(JsonNamingPolicy.CamelCase.ConvertName(key["Invites:".Length..]), string.Create(CultureInfo.InvariantCulture, $"This{rest[..rest.IndexOf(';', StringComparison.Ordinal)]}."));
        }

        return checks.Failure;
    }

    private static (string Name, int Days)[] Values(Lifetimes of) =>
        [(nameof(of.InvitationDays), of.InvitationDays), (nameof(of.ReminderDays), of.ReminderDays), (nameof(of.PersonalDays), of.PersonalDays), (nameof(of.VipDays), of.VipDays)];
}
