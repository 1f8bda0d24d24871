using InviteAdmin.Data;
using InviteAdmin.Hosting;
using InviteAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>What operators do on purpose: stop one process, upgrade over a migration, go back to a backup.</summary>
public sealed class OperatorTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int People = 300;
    private readonly FreshDatabase _database = new();
    private readonly ScratchFolder _folder = new();
    private TwoApps _apps = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _apps = new TwoApps(_database.Postgres, _database.Redis, ("Hosting__DrainSeconds", "3"));
        await _apps.Start();
    }

    [Fact]
    public async Task GracefulStop_OfOneProcessUnderLoad_NoRequestFails_n2()
    {
        var stops = Trials.Of(2, 50);
        await using var load = new MixedLoad(_apps.Addresses, _database.Source);
        await load.Begin(balanced: true);
        for (var stop = 0; stop < stops; stop++)
        {
            await load.Served();
            await _apps[stop % 2].Signal("TERM");
            Assert.Equal(0, await _apps[stop % 2].Exit());
            await load.Served(3, 1 - (stop % 2));
            await _apps.Start(stop % 2);
        }

        await NothingFailed(load, $"n = {stops} stops");
    }

    [Fact]
    public async Task RollingUpgrade_OverAMigration_NoRequestFails_n1()
    {
        await using var load = new MixedLoad(_apps.Addresses, _database.Source);
        await load.Begin(balanced: true);
        await load.Served();
        await _apps[1].Signal("TERM");
        await _apps[1].Exit();
        await load.Served(3, 0);
        await MigrateFurther();
        await load.Served(20, 0);
        await _apps.Start(1);
        await load.Served(20, 1);
        await _apps[0].Signal("TERM");
        await _apps[0].Exit();
        await load.Served(20, 1);
        Assert.True(await _database.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM test_only)"));
        await NothingFailed(load, "n = 1 upgrade");
    }

    [Fact]
    public async Task BackupAndRestore_InTheMiddleOfABatch_NobodyMarkedSentGetsASecondMail_n1()
    {
        await _database.Execute($"""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
            SELECT 'wl_' || i, 'p-' || i || '@example.com', 'p-' || i || '@example.com', 'Ann', 'waiting', 'r' || i, 's' || i, now() FROM generate_series(1, {People}) i
            """);
        for (var i = 0; i < 2; i++) _apps.Arm(i, $"SmtpChannel.{FaultPoints.BeforeSmtp} slow");
        using var client = AppCluster.NewClient(_apps.Addresses[0]);
        using var released = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(client, "cohorts", new { count = People });
        Assert.Equal(201, (int)released.StatusCode);

        await WaitFor.True(() => Task.FromResult(_apps.Mail.Taken.Count >= 80));
        var dump = Path.Combine(_folder.Path, "dump");
        var server = new NpgsqlConnectionStringBuilder(_database.Postgres);
        await Postgres("pg_dump", "-Fc", "-f", dump, Url(server));
        var atDump = _apps.Mail.Taken.Count;
        await WaitFor.True(() => Task.FromResult(_apps.Mail.Taken.Count >= atDump + 40));
        await Task.WhenAll(_apps.Kill(0), _apps.Kill(1));
        var before = Copies();
        Assert.InRange(before.Count, atDump, People - 1);

        var servers = await TestServers.OfThisRun;
        await servers.Administer($"DROP DATABASE {server.Database} WITH (FORCE)");
        await servers.Administer($"CREATE DATABASE {server.Database} OWNER inviteadmin");
        _database.Source.Clear();
        await Postgres("pg_restore", "--no-owner", "-d", Url(server), dump);
        var sent = await _database.Scalar<long[]>("SELECT array_agg(id) FROM outbox WHERE state = 'sent'");
        for (var i = 0; i < 2; i++) _apps.Arm(i);
        await _apps.Start();
        await WaitFor.True(async () => await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state = 'pending'") == 0, TimeSpan.FromSeconds(60));

        var after = Copies();
        output.WriteLine($"n = 1 restore; {sent.Length} of {People} were marked sent in the backup, {before.Count} had left; {after.Values.Sum() - People} second mails to those the backup knew nothing of.");
        Assert.True(sent.Length > 0);
        Assert.All(sent, id => Assert.Equal(before[id], after[id]));
        Assert.Equal(People, after.Count);
        Assert.Equal("", await _database.Scalar<string>("SELECT coalesce(string_agg(invariant, '; '), '') FROM invariant_check WHERE violations <> 0"));
    }

    public async Task DisposeAsync()
    {
        await _apps.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A refused connection sends a client to the other process; anything else a client would call a failure.</summary>
    private async Task NothingFailed(MixedLoad load, string what)
    {
        await load.End();
        var (wrong, copies) = await new OutsideCheck(_database.Source, load, _apps.Mail).Run(excusedCopies: 0);
        output.WriteLine($"{what}; {load.Summary}; {_apps.Mail.Taken.Count} mails, {copies} copies.");
        Assert.Empty(wrong);
        Assert.True(load is { Cut: 0, Unavailable: 0 }, $"{load.Summary}; {load.LastCut}");
    }

    private async Task MigrateFurther()
    {
        var services = new ServiceCollection();
        services.AddSingleton(_ => NpgsqlDataSource.Create(_database.Postgres));
        services.AddDbContextFactory<InviteAdminDb>((s, options) => options
            .UseNpgsql(s.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.MigrationsAssembly(typeof(FurtherMigration).Assembly.GetName().Name))
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)));
        await using var provider = services.BuildServiceProvider();
        await Schema.Migrate(provider, CancellationToken.None);
    }

    /// <summary>How often each outbox item's mail was received.</summary>
    private Dictionary<long, int> Copies() => _apps.Mail.MessageIds.CountBy(id => long.Parse(id["<outbox-".Length..].Split('.')[0], System.Globalization.CultureInfo.InvariantCulture)).ToDictionary();

    private static string Url(NpgsqlConnectionStringBuilder server) => $"host={server.Host} port={server.Port} dbname={server.Database} user={server.Username} password={server.Password}";

    private static async Task Postgres(string program, params string[] line)
    {
        var (exitCode, said) = await Command.Run([PostgresPrograms.Find("")[program], .. line], CancellationToken.None);
        Assert.True(exitCode == 0, said);
    }
}

/// <summary>A migration that only tests know: it adds, as every migration of a rolling upgrade must.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("29991231000001_TestOnly")]
public sealed class FurtherMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("CREATE TABLE test_only AS SELECT 1 AS one");
        // Every table that the prepared statements of the hot writes read.
        foreach (var table in (string[])["waitlist_entries", "invite_codes", "members", "sources", "redemptions", "outbox", "idempotency_keys", "points_ledger"])
            migrationBuilder.Sql($"ALTER TABLE {table} ADD COLUMN test_only text NOT NULL DEFAULT ''");
        migrationBuilder.Sql("CREATE INDEX ix_members_test_only ON members (registered_at, id)");
    }
}
