using System.Data.Common;
using System.Globalization;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.People;
using Npgsql;

namespace InviteAdmin.Audit;

/// <summary>Reads of the record of staff actions, newest first.</summary>
public sealed class AuditQueries(NpgsqlDataSource source)
{
    // What was acted on stands as an id of its kind; joined to it is what people call it. Ids of codes and mails are numbers in text.
    internal const string Columns =
        """
        a.id, a.at, a.actor_kind, a.actor_id, a.actor_name, a.action, a.target_kind, a.target_id, a.before::text, a.after::text, a.reason,
          CASE a.target_kind WHEN 'code' THEN 'code ' || k.shown WHEN 'cohort' THEN 'cohort ' || c.number WHEN 'entry' THEN e.name WHEN 'member' THEN m.name WHEN 'campaign' THEN 'the campaign ' || p.name
            WHEN 'staff' THEN s.display_name WHEN 'key' THEN 'the API key ' || y.name WHEN 'outbox' THEN 'mail ' || a.target_id WHEN 'job' THEN 'the job ' || a.target_id
            WHEN 'webhook' THEN 'the webhook to ' || substring(h.url from '://([^/?]+)') WHEN 'template' THEN 'the mail template ' || a.target_id WHEN 'address' THEN 'an address' END,
          CASE a.target_kind WHEN 'code' THEN '/admin/codes/' || k.shown WHEN 'cohort' THEN '/admin/cohorts/' || c.number WHEN 'entry' THEN '/admin/people/' || e.public_id
            WHEN 'member' THEN '/admin/people/' || m.public_id WHEN 'campaign' THEN '/admin/campaigns' WHEN 'outbox' THEN '/admin/emails/' || a.target_id WHEN 'job' THEN '/admin/jobs'
            WHEN 'plan' THEN '/admin/rollout' WHEN 'webhook' THEN '/admin/webhooks/' || a.target_id WHEN 'template' THEN '/admin/emails/templates/' || a.target_id
            WHEN 'address' THEN '/admin/emails/suppressions' END
        """;

    internal const string Joins =
        """
        LEFT JOIN invite_codes k ON k.id = CASE WHEN a.target_kind = 'code' AND a.target_id ~ '^[0-9]{1,18}$' THEN a.target_id::bigint END
        LEFT JOIN cohorts c ON c.public_id = CASE WHEN a.target_kind = 'cohort' THEN a.target_id END
        LEFT JOIN waitlist_entries e ON e.public_id = CASE WHEN a.target_kind = 'entry' THEN a.target_id END
        LEFT JOIN members m ON m.public_id = CASE WHEN a.target_kind = 'member' THEN a.target_id END
        LEFT JOIN LATERAL (SELECT name FROM campaigns x WHERE a.target_kind = 'campaign' AND (x.public_id = a.target_id OR x.slug = a.target_id) LIMIT 1) p ON true
        LEFT JOIN staff_users s ON s.id = CASE WHEN a.target_kind = 'staff' AND a.target_id ~ '^[0-9]{1,18}$' THEN a.target_id::bigint END
        LEFT JOIN webhook_endpoints h ON h.public_id = CASE WHEN a.target_kind = 'webhook' THEN a.target_id END
        LEFT JOIN api_keys y ON y.public_id = CASE WHEN a.target_kind = 'key' THEN a.target_id END
        """;

    /// <summary>Newest first; <paramref name="before"/> is the last id of the page before.</summary>
    public async Task<AuditLines> Page(AuditFilter filter, long? before, int size, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        if (await Where(connection, filter, before, cancel) is not { } where)
        {
            return new([], false);
        }

        var rows = await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"""
                WITH page AS MATERIALIZED (SELECT a.* FROM audit_log a WHERE {where.Tests} ORDER BY a.at DESC, a.id DESC LIMIT {size + 1})
                SELECT {Columns} FROM page a {Joins} ORDER BY a.at DESC, a.id DESC
                """),
            Read, cancel, where.Values);
        return new([.. rows.Take(size)], rows.Count > size);
    }

    /// <summary>Every row of a filter in the order of the table, read as it is sent.</summary>
    public async IAsyncEnumerable<AuditLine> All(AuditFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        if (await Where(connection, filter, null, cancel) is not { } where)
        {
            yield break;
        }

        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM audit_log a {Joins} WHERE {where.Tests} ORDER BY a.at DESC, a.id DESC", connection) { CommandTimeout = 0 };
        foreach (var value in where.Values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return Read(reader);
        }
    }

    /// <summary>Whom to filter by: the team, the keys, and the product itself.</summary>
    public async Task<IReadOnlyList<AuditActor>> Actors(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return
        [
            .. await connection.Query(
                """
                (SELECT 'staff:' || id, display_name FROM staff_users ORDER BY display_name LIMIT 200) UNION ALL
                (SELECT 'key:' || public_id, 'API key ' || name FROM api_keys ORDER BY name LIMIT 200)
                """,
                row => new AuditActor(row.GetString(0), row.GetString(1)), cancel),
            new("system:system", "InviteAdmin itself"),
        ];
    }

    /// <summary>Null when the target names nothing that could have been acted on.</summary>
    private static async Task<(string Tests, object[] Values)?> Where(NpgsqlConnection connection, AuditFilter filter, long? before, CancellationToken cancel)
    {
        var (tests, values) = (new List<string>(), new List<object>());
        string Value(object value)
        {
            values.Add(value);
            return string.Create(CultureInfo.InvariantCulture, $"${values.Count}");
        }

        if (filter.Actor?.Split(':', 2) is [var kind, var id])
        {
            tests.Add($"a.actor_kind = {Value(kind)} AND a.actor_id = {Value(id)}");
        }

        if (filter.Action is { } action)
        {
            tests.Add($"a.action = {Value(action)}");
        }

        if (filter.Target is { } target)
        {
            var targets = await Targets(connection, target, cancel);
            if (targets.Count == 0)
            {
                return null;
            }

            tests.Add($"(a.target_kind, a.target_id) IN (SELECT * FROM unnest({Value(targets.Select(t => t.Kind).ToArray())}::text[], {Value(targets.Select(t => t.Id).ToArray())}::text[]))");
        }

        if (filter.From is { } from)
        {
            tests.Add($"a.at >= {Value(from.ToUniversalTime())}");
        }

        if (filter.Until is { } until)
        {
            tests.Add($"a.at < {Value(until.ToUniversalTime())}");
        }

        // The moment is read first: compared with a constant, the row is where the index scan begins.
        if (before is { } last && (await connection.Query("SELECT at FROM audit_log WHERE id = $1", row => row.GetFieldValue<DateTimeOffset>(0), cancel, last)) is [var at])
        {
            tests.Add($"(a.at, a.id) < ({Value(at)}, {Value(last)})");
        }

        return (tests.Count == 0 ? "true" : string.Join(" AND ", tests), [.. values]);
    }

    /// <summary>A person stands for their entry, membership, codes and mails; a code and a cohort for themselves.</summary>
    internal static async Task<IReadOnlyList<(string Kind, string Id)>> Targets(NpgsqlConnection connection, string target, CancellationToken cancel)
    {
        var text = target.Trim();
        if (text.Length is 0 or > 100 || !PlainText.IsClean(text))
        {
            return [];
        }

        if (await PersonKeys.Of(connection, text, cancel) is { } person)
        {
            return await connection.Query(PersonTargets, row => (row.GetString(0), row.GetString(1)), cancel, person.Entry, person.Member);
        }

        return await connection.Query(
            """
            SELECT 'code', id::text FROM invite_codes WHERE code = $1
            UNION ALL SELECT 'cohort', public_id FROM cohorts WHERE number = $2
            UNION ALL SELECT v.kind, $3 FROM (VALUES ('cohort'), ('campaign'), ('job'), ('key'), ('operation')) v(kind)
              WHERE EXISTS (SELECT 1 FROM audit_log a WHERE a.target_kind = v.kind AND a.target_id = $3)
            """,
            row => (row.GetString(0), row.GetString(1)), cancel, CodeText.Canonical(text), int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1, text);
    }

    internal const string PersonTargets =
        """
        SELECT 'entry', public_id FROM waitlist_entries WHERE id = $1
        UNION ALL SELECT 'member', public_id FROM members WHERE id = $2
        UNION ALL (SELECT 'code', id::text FROM invite_codes WHERE entry_id = $1 OR owner_member_id = $2 ORDER BY id DESC LIMIT 500)
        UNION ALL (SELECT 'outbox', id::text FROM outbox WHERE entry_id = $1 OR member_id = $2 ORDER BY id DESC LIMIT 500)
        """;

    internal static AuditLine Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.Text(11) ?? $"{row.GetString(6)} {row.GetString(7)}", row.Text(12), row.Text(8), row.Text(9), row.Text(10));
}
