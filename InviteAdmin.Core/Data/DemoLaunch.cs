using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Invites;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>The demo may only be loaded into an empty list.</summary>
public sealed record ListNotEmpty() : Failure("list-not-empty", "The demo launch needs an empty list; this one has people on it.");

/// <summary>Loads the demo launch by COPY into an empty database, and removes it again. Only Development registers it.</summary>
public sealed class DemoLaunch(Transactions transactions, TimeProvider time, PointRules points)
{
    internal static readonly Actor Teller = Actor.System with { Id = "demo", Name = "Demo launch" };

    /// <summary>How many people were loaded.</summary>
    public async Task<Outcome<int>> Load(Actor actor, CancellationToken cancel)
    {
        LongWork.Begin();
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<int>(async connection =>
        {
            await connection.Execute("LOCK TABLE waitlist_entries IN SHARE ROW EXCLUSIVE MODE", cancel);
            if (await connection.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM waitlist_entries) OR EXISTS (SELECT 1 FROM members)", cancel))
            {
                return new ListNotEmpty();
            }

            var rules = await points.Now(connection, cancel);
            var story = DemoStory.Tell(time.GetUtcNow(), (rules.ArrivedPoints, rules.BroughtPoints));
            await Number(connection, story, cancel);
            await new DemoCopy(connection, story, time.GetUtcNow(), await Sources(connection, cancel), cancel).All();
            foreach (var cohort in story.Released)
            {
                await connection.Audit(Teller, "cohort.released", "cohort", cohort.PublicId, cancel, after: new { cohort.Number, Invited = cohort.People.Count });
            }

            foreach (var code in story.Codes.Where(c => c.Kind == CodeKind.Vip))
            {
                await connection.Audit(Teller, "code.vip", "code", $"{code.Id}", cancel);
            }

            foreach (var code in story.Codes.Where(c => c.RevokedAt is not null))
            {
                await connection.Audit(Teller, "code.revoked", "code", $"{code.Id}", cancel, reason: code.RevokedReason);
            }

            await connection.Execute(DemoSql.Finish, cancel);
            return story.Entries.Count;
        }, cancel);
    }

    /// <summary>Removes the demo people, their codes, cohorts and mail, and whoever came in by a demo code. Everybody else stays. The answer is how many people went.</summary>
    public async Task<Outcome<int>> Remove(Actor actor, CancellationToken cancel)
    {
        LongWork.Begin();
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<int>(async connection =>
        {
            var removed = (int)await connection.Scalar<long>("SELECT count(*) FROM waitlist_entries WHERE demo", cancel);
            await connection.Execute(DemoSql.Remove, cancel);
            await connection.Audit(actor, "demo.removed", "installation", "demo", cancel, after: new { Removed = removed });
            return removed;
        }, cancel);
    }

    /// <summary>Loads the demo when this installation starts for the first time, or notes that it was not wanted.</summary>
    public async Task FirstStart(bool wanted, CancellationToken cancel)
    {
        var first = await transactions.Run(async connection =>
        {
            // Two processes that start together take turns on the installation's row.
            await connection.Execute("SELECT 1 FROM installation FOR UPDATE", cancel);
            var met = await connection.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM audit_log WHERE action = 'installation.started')", cancel);
            if (!met)
            {
                await connection.Audit(Teller, "installation.started", "installation", "demo", cancel, after: new { Demo = wanted });
            }

            return !met;
        }, cancel);
        if (first && wanted)
        {
            await Load(Teller, cancel);
        }
    }

    public async Task<bool> IsLoaded(CancellationToken cancel) =>
        await transactions.Run(connection => connection.Scalar<bool>("SELECT demo_loaded FROM installation", cancel), cancel);

    // Ids are taken from the tables' own sequences, so that what comes after the demo goes on behind it.
    private async Task Number(NpgsqlConnection connection, DemoStory story, CancellationToken cancel)
    {
        var entry = await Reserve(connection, "waitlist_entries", story.Entries.Count, cancel);
        foreach (var person in story.Entries)
        {
            (person.Id, person.PublicId, person.StatusToken, person.ReferralToken, person.ConfirmToken) =
                (entry++, Tokens.NewId("wl", time), Tokens.NewLink(time), Tokens.NewLink(time), Tokens.NewLink(time));
        }

        var member = await Reserve(connection, "members", story.Members.Count, cancel);
        story.Members.ForEach(m => (m.Id, m.PublicId) = (member++, Tokens.NewId("usr", time)));
        var code = await Reserve(connection, "invite_codes", story.Codes.Count, cancel);
        story.Codes.ForEach(c => c.Id = code++);
        var cohort = await Reserve(connection, "cohorts", story.Released.Count, cancel);
        story.Released.ForEach(c => (c.Id, c.PublicId) = (cohort++, Tokens.NewId("co", time)));
    }

    private static Task<long> Reserve(NpgsqlConnection connection, string table, int count, CancellationToken cancel) => connection.Scalar<long>(
        $"SELECT setval(pg_get_serial_sequence('{table}', 'id'), nextval(pg_get_serial_sequence('{table}', 'id')) + $1) - $1", cancel, (long)count);

    private static async Task<Dictionary<string, long>> Sources(NpgsqlConnection connection, CancellationToken cancel)
    {
        await connection.Execute(
            "INSERT INTO sources (slug, name, points) SELECT replace(gen_random_uuid()::text, '-', ''), n, p FROM (VALUES ('Product Hunt', 20), ('Twitter', 5)) s(n, p) ON CONFLICT DO NOTHING", cancel);
        return (await connection.Query("SELECT name, id FROM sources", row => (Name: row.GetString(0), Id: row.GetInt64(1)), cancel)).ToDictionary(s => s.Name, s => s.Id, StringComparer.Ordinal);
    }
}
