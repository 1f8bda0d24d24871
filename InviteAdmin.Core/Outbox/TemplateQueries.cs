using InviteAdmin.Data;
using InviteAdmin.People;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>A template in the list. <c>Version</c> is the published one, <c>Newest</c> the last that was saved.</summary>
public sealed record TemplateRow(string Name, string Title, string When, int Version, int Newest, string? PublishedBy, DateTimeOffset? PublishedAt);

/// <summary>A saved version.</summary>
public sealed record TemplateVersionRow(int Version, string SavedBy, DateTimeOffset SavedAt);

/// <summary>One template with the version that is looked at.</summary>
public sealed record TemplateDetail(TemplateRow Row, int Version, TemplateSource Source, IReadOnlyList<TemplateVersionRow> Versions);

/// <summary>Reads of the templates.</summary>
public sealed class TemplateQueries(NpgsqlDataSource source)
{
    public async Task<IReadOnlyList<TemplateRow>> All(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var stored = (await connection.Query(
            """
            SELECT coalesce(t.template, p.template), coalesce(t.newest, 0), coalesce(p.version, 0), p.published_by, p.published_at
            FROM (SELECT template, max(version) AS newest FROM mail_templates GROUP BY template) t FULL JOIN mail_templates_published p ON p.template = t.template
            """,
            row => (Name: row.GetString(0), Newest: row.GetInt32(1), Version: row.GetInt32(2), By: row.Text(3), At: row.Time(4)), cancel)).ToDictionary(r => r.Name, StringComparer.Ordinal);
        return [.. MailDefaults.All.Select(k => stored.TryGetValue(k.Name, out var s) ? new TemplateRow(k.Name, k.Title, k.When, s.Version, s.Newest, s.By, s.At) : new TemplateRow(k.Name, k.Title, k.When, 0, 0, null, null))];
    }

    /// <summary>Null when there is no such template or version.</summary>
    /// <param name="version">Without it the newest draft, or the published one where that is as new.</param>
    public async Task<TemplateDetail?> One(string name, int? version, CancellationToken cancel)
    {
        if (MailDefaults.Find(name) is not { } kind)
        {
            return null;
        }

        var row = (await All(cancel)).Single(t => t.Name == name);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var versions = await connection.Query(
            "SELECT version, saved_by, saved_at FROM mail_templates WHERE template = $1 ORDER BY version DESC LIMIT 50",
            r => new TemplateVersionRow(r.GetInt32(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2)), cancel, name);
        var wanted = version ?? row.Newest;
        if (wanted == 0)
        {
            return new(row, 0, kind.Shipped, versions);
        }

        var found = await connection.Query(
            "SELECT subject, html, text FROM mail_templates WHERE template = $1 AND version = $2", r => new TemplateSource(r.GetString(0), r.GetString(1), r.GetString(2)), cancel, name, wanted);
        return found.Count == 0 ? null : new(row, wanted, found[0], versions);
    }

    /// <summary>The values of a real person for a preview, over the samples; what only mails may hold (their private links) stays a sample. Null when nobody has this email.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> Values(TemplateKind kind, string? email, string product, CancellationToken cancel)
    {
        var values = kind.Variables.ToDictionary(v => v.Name, v => v.Sample, StringComparer.Ordinal);
        values["product"] = product;
        if (string.IsNullOrWhiteSpace(email))
        {
            return values;
        }

        if (!EmailAddress.TryParse(email, out var address, out _))
        {
            return null;
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = await connection.Query(
            """
            SELECT x.name, c.shown, c.expires_at, x.credited
            FROM (SELECT name, id AS entry_id, NULL::bigint AS member_id, NULL::integer AS credited, 1 AS place FROM waitlist_entries WHERE canonical_email = $1
                  UNION ALL SELECT name, entry_id, id, credited_referrals, 0 FROM members WHERE canonical_email = $1 ORDER BY place LIMIT 1) x
            LEFT JOIN LATERAL (SELECT shown, expires_at FROM invite_codes WHERE entry_id = x.entry_id AND status = 'active' ORDER BY id DESC LIMIT 1) c ON true
            """,
            row => (Name: row.GetString(0), Code: row.Text(1), Ends: row.Time(2), Credited: row.IsDBNull(3) ? (int?)null : row.GetInt32(3)), cancel, address.Canonical);
        if (found.Count == 0)
        {
            return null;
        }

        var person = found[0];
        values["name"] = person.Name;
        Put("code", person.Code);
        Put("endsOn", person.Ends?.ToString("d MMMM", System.Globalization.CultureInfo.InvariantCulture));
        Put("count", person.Credited?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return values;

        void Put(string name, string? value)
        {
            if (value is not null && values.ContainsKey(name))
            {
                values[name] = value;
            }
        }
    }
}
