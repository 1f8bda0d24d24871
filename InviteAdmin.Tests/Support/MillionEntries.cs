using System.Text.Json;
using System.Text.RegularExpressions;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Tests.Support;

/// <summary>
/// A class fixture: a million people waiting, ten thousand invited, a hundred thousand codes and mails, fifty thousand members, and a database that logs the plan of every statement
/// with the rows it touched (PostgreSQL's auto_explain), so that what is judged is what the product really ran.
/// </summary>
public sealed partial class MillionEntries : IAsyncLifetime
{
    public const int Waiting = 1_000_000;
    public const int Members = 50_000;

    public FreshDatabase Database { get; } = new();

    public Product Product { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        await Fill();
        await using (var release = new Product(Database)) await release.Release(10_000);
        await Run($"INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals) SELECT 'usr_' || i, i || '@member.example', i || '@member.example', 'Ann', 3, i % 3 FROM generate_series(1, {Members}) i");
        await Run("INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id, state, sent_at) SELECT 'welcome', 'welcome:' || i, i || '@example.com', '{}', i, 'sent', now() FROM generate_series(1, 100000) i");
        await Run("VACUUM ANALYZE");
        var servers = await TestServers.OfThisRun;
        var name = new NpgsqlConnectionStringBuilder(Database.Postgres).Database;
        string[] settings =
        [
            "session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_analyze = on", "auto_explain.log_timing = off",
            "auto_explain.log_nested_statements = on", "auto_explain.log_format = 'json'",
        ];
        foreach (var setting in settings) await servers.Administer($"ALTER DATABASE {name} SET {setting}");
        Product = new Product(Database);
        // The first connection asks for the database's types.
        await using var first = await Product.One<NpgsqlDataSource>().OpenConnectionAsync();
    }

    /// <summary>The plans of what the call ran.</summary>
    public async Task<IReadOnlyList<QueryPlan>> Plans(Func<Product, Task> call)
    {
        var from = new FileInfo(TestServers.ServerLog).Length;
        await call(Product);
        await using var log = new FileStream(TestServers.ServerLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(from, SeekOrigin.Begin);
        using var reader = new StreamReader(log);
        var plans = LoggedPlan().Matches(await reader.ReadToEndAsync()).Select(m => new QueryPlan(JsonDocument.Parse(m.Groups[1].Value).RootElement)).ToList();
        Assert.NotEmpty(plans);
        return plans;
    }

    public async Task DisposeAsync()
    {
        await Product.DisposeAsync();
        await Database.DisposeAsync();
    }

    // Continued lines of a message begin with a tab.
    [GeneratedRegex(@" plan:\n((?:\t.*\n)+)")]
    private static partial Regex LoggedPlan();

    /// <summary>Indexes are made after the rows, which takes a third of the time.</summary>
    private async Task Fill()
    {
        await using var connection = await Database.Source.OpenConnectionAsync();
        var indexes = await connection.Query(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('waitlist_entries', 'invite_codes') AND indexname NOT LIKE 'pk_%'", row => (Name: row.GetString(0), Sql: row.GetString(1)), default);
        foreach (var (name, _) in indexes) await Run($"DROP INDEX {name}");
        await Run("ALTER TABLE waitlist_entries DISABLE TRIGGER USER");
        await Run($"""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, points, referral_token, status_token, confirmed_at)
            SELECT 'wl_' || i, i || '@example.com', i || '@example.com', 'Ann Example', 'waiting', CASE WHEN i % 10 = 0 THEN 5 * (i % 97) ELSE 0 END, 'r' || i, 's' || i, now()
            FROM generate_series(1, {Waiting}) i
            """);
        await Run("ALTER TABLE waitlist_entries ENABLE TRIGGER USER");
        await Run("INSERT INTO invite_codes (code, shown, kind, person_name) SELECT 'V1P' || to_char(i, 'FM000000'), 'V1P', 'vip', 'Ann' FROM generate_series(1, 100000) i");
        foreach (var (_, sql) in indexes) await Run(sql);
        await Run("VACUUM ANALYZE waitlist_entries, invite_codes");
    }

    private async Task Run(string sql)
    {
        await using var command = Database.Source.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>One statement's plan as it was carried out.</summary>
public sealed class QueryPlan(JsonElement json)
{
    public string Sql => json.GetProperty("Query Text").GetString()!;

    public IEnumerable<JsonElement> Nodes => Below(json.GetProperty("Plan"));

    /// <summary>Most rows that any step produced or threw away.</summary>
    public double MostRows => Nodes.Max(n => (Number(n, "Actual Rows") + Number(n, "Rows Removed by Filter") + Number(n, "Rows Removed by Join Filter")) * Math.Max(1, Number(n, "Actual Loops")));

    /// <summary>Whether a step reads the whole table.</summary>
    public bool Scans(string table) => Nodes.Any(n => Text(n, "Node Type") == "Seq Scan" && Text(n, "Relation Name") == table);

    public bool Uses(string index) => Nodes.Any(n => Text(n, "Index Name") == index);

    /// <summary>The steps that touched most, for a failed test.</summary>
    public override string ToString() => Sql[..Math.Min(Sql.Length, 80)] + string.Concat(Nodes.OrderByDescending(n => Number(n, "Actual Rows") + Number(n, "Rows Removed by Filter")).Take(6).Select(n =>
        $"\n{Text(n, "Node Type")} {Text(n, "Relation Name")} {Text(n, "Index Name")}: {Number(n, "Actual Rows")} rows, {Number(n, "Rows Removed by Filter")} removed, {Number(n, "Actual Loops")} loops"));

    private static IEnumerable<JsonElement> Below(JsonElement node) =>
        node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().SelectMany(Below).Prepend(node) : [node];

    private static string Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static double Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
