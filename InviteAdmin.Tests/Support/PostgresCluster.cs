using InviteAdmin.Hosting;
using Npgsql;

namespace InviteAdmin.Tests.Support;

/// <summary>A PostgreSQL of a test's own that keeps its promises (fsync on), to be restarted, filled up, copied and killed.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private readonly string _folder;
    private readonly PostgresPrograms _programs;
    private readonly ServerUser _user;

    private PostgresCluster(string folder, PostgresPrograms programs, ServerUser user, string app, string admin)
    {
        (_folder, _programs, _user) = (folder, programs, user);
        (App, Admin) = (new NpgsqlConnectionStringBuilder(app) { MaxPoolSize = 40 }, new NpgsqlConnectionStringBuilder(admin) { Pooling = false });
        Source = NpgsqlDataSource.Create(App);
    }

    /// <summary>What the app would be told.</summary>
    public NpgsqlConnectionStringBuilder App { get; }

    public NpgsqlConnectionStringBuilder Admin { get; }

    public int Port => App.Port;

    /// <summary>For the test's own looks at it.</summary>
    public NpgsqlDataSource Source { get; }

    public static async Task<PostgresCluster> Start(string folder)
    {
        var server = await PrivatePostgres.Start(folder, durable: true, CancellationToken.None);
        return new PostgresCluster(folder, PostgresPrograms.Find(folder), await ServerUser.OwnerOf(folder, CancellationToken.None), server.ConnectionString, server.AdminConnectionString);
    }

    /// <summary>A hot standby of this one, in a folder beside it, that every commit here waits for.</summary>
    public async Task<PostgresCluster> SynchronousStandby()
    {
        var folder = _folder + "-standby";
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await _user.Own(folder, CancellationToken.None);
        await Must(_programs["pg_basebackup"], "-D", folder, "-R", "-X", "stream", "-c", "fast", "-d", $"host=127.0.0.1 port={Port} user=postgres password={Admin.Password}");
        var standby = new PostgresCluster(folder, _programs, _user, new NpgsqlConnectionStringBuilder(App.ConnectionString) { Port = FreePort.Next() }.ConnectionString, Admin.ConnectionString);
        standby.Admin.Port = standby.Port;
        await Must(_programs["pg_ctl"], "-D", folder, "-s", "-w", "-l", Path.Combine(folder, "server.log"), "-o",
            $"-c listen_addresses=127.0.0.1 -c port={standby.Port} -c unix_socket_directories='' -c max_connections=200", "start");
        // Set after the copy was made: once promoted, the standby must not wait for one of its own.
        await Administer("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await Administer("SELECT pg_reload_conf()");
        await WaitFor.True(async () => await Administer("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") is 1L);
        return standby;
    }

    public Task Promote() => Must(_programs["pg_ctl"], "-D", _folder, "-s", "-w", "promote");

    /// <summary>Without a checkpoint, as after a power cut; the log repairs it.</summary>
    public Task RestartAtOnce() => Must(_programs["pg_ctl"], "-D", _folder, "-s", "-w", "-l", Log, "-m", "immediate", "restart");

    public Task StopAtOnce() => Run(_programs["pg_ctl"], "-D", _folder, "-s", "-w", "-m", "immediate", "stop");

    /// <summary>Starts it if it has ended, with the options of its last start.</summary>
    public async Task EnsureRuns()
    {
        if ((await Run(_programs["pg_ctl"], "-D", _folder, "status")).ExitCode == 0) return;
        var options = (await File.ReadAllTextAsync(Path.Combine(_folder, "postmaster.opts"))).Trim().Split(' ', 2)[1];
        await Must(_programs["pg_ctl"], "-D", _folder, "-s", "-w", "-t", "60", "-l", Log, "-o", options.Replace("\"-D\" \"" + _folder + "\"", "", StringComparison.Ordinal), "start");
    }

    /// <summary>A statement of the superuser's, on a connection of its own.</summary>
    public async Task<object?> Administer(string sql)
    {
        await using var connection = new NpgsqlConnection(Admin.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public Task TerminateSessions() => Administer("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'inviteadmin'");

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await StopAtOnce();
    }

    // Without it the server would inherit our pipes, and whoever reads them would wait for its end.
    private string Log => Path.Combine(_folder, "server.log");

    private Task<(int ExitCode, string Output)> Run(params string[] line) => Command.Run([.. _user.Prefix, .. line], CancellationToken.None);

    private async Task Must(params string[] line)
    {
        var (exitCode, output) = await Run(line);
        if (exitCode != 0) throw new InvalidOperationException($"{string.Join(' ', line)}: {output}");
    }
}
