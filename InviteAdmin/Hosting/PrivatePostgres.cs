using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace InviteAdmin.Hosting;

/// <summary>A PostgreSQL cluster of our own on a loopback port: made when missing, adopted when a killed process left it running, stopped with us.</summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string Database = "inviteadmin";
    private const int MostTries = 3;
    private readonly PostgresPrograms _programs;
    private readonly ServerUser _user;
    private readonly string _cluster;
    private readonly string _password;
    private int _port;

    private PrivatePostgres(PostgresPrograms programs, ServerUser user, string cluster, string password) =>
        (_programs, _user, _cluster, _password) = (programs, user, cluster, password);

    /// <summary>For the app: it owns its database and is no superuser, as in production.</summary>
    public string ConnectionString => Connection(Database, Database);

    /// <summary>For tests that make databases.</summary>
    public string AdminConnectionString => Connection("postgres", "postgres");

    /// <summary>Whether the server ran already.</summary>
    public bool Adopted { get; private set; }

    /// <param name="folder">Becomes the cluster, or a link to it; the password lies beside it in a 0600 file.</param>
    /// <param name="durable">False lets the server forget commits in a power cut: for tests that only ask what was committed.</param>
    /// <param name="cancel">Gives up starting.</param>
    public static async Task<PrivatePostgres> Start(string folder, bool durable, CancellationToken cancel, params (string Name, string Value)[] more)
    {
        var programs = PostgresPrograms.Find(folder);
        if (!File.Exists(Path.Combine(folder, "PG_VERSION"))) await Make(programs, folder, cancel);

        var cluster = new DirectoryInfo(folder).ResolveLinkTarget(true)?.FullName ?? folder;
        var postgres = new PrivatePostgres(programs, await ServerUser.OwnerOf(cluster, cancel), cluster, ReadPassword(folder));
        if (!await postgres.Adopt(cancel)) await postgres.Launch(durable, more, cancel);
        await postgres.EnsureDatabase(cancel);
        return postgres;
    }

    /// <summary>The server another process runs in the folder; null when there is none.</summary>
    public static async Task<string?> Running(string folder, CancellationToken cancel)
    {
        if (!File.Exists(Path.Combine(folder, "PG_VERSION"))) return null;
        var cluster = new DirectoryInfo(folder).ResolveLinkTarget(true)?.FullName ?? folder;
        var postgres = new PrivatePostgres(PostgresPrograms.Find(folder), await ServerUser.OwnerOf(cluster, cancel), cluster, ReadPassword(folder));
        return await postgres.Adopt(cancel) ? postgres.ConnectionString : null;
    }

    public static string PasswordFile(string folder) => folder + ".password";

    /// <summary>Stops the server, in two seconds at most: a hurried stop is repaired from the log at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (await Control(["-m", "fast", "-t", "1", "stop"]) != 0) await Control(["-m", "immediate", "-t", "1", "stop"]);

        async Task<int> Control(string[] what) =>
            (await Command.Run([.. _user.Prefix, _programs["pg_ctl"], "-D", _cluster, "-s", "-w", .. what], CancellationToken.None)).ExitCode;
    }

    /// <summary>Made under another name and moved when it is whole, so that an interrupted start leaves nothing half done.</summary>
    private static async Task Make(PostgresPrograms programs, string folder, CancellationToken cancel)
    {
        var user = ServerUser.ForNewCluster();
        var (draft, final) = await user.CanReach(Path.GetDirectoryName(folder)!, cancel)
            ? (folder + ".new", folder)
            : (user.HomeFor(folder) + ".new", user.HomeFor(folder));
        if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        Directory.CreateDirectory(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // initdb wants an empty folder and reads the password as the server's user.
        var (cluster, password) = (Path.Combine(draft, "cluster"), Path.Combine(draft, "password"));
        Directory.CreateDirectory(cluster);
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        WriteSecret(password, secret);
        await user.Own(draft, cancel);

        var (exitCode, output) = await Command.Run([.. user.Prefix, programs["initdb"], "-D", cluster, "-U", "postgres", "-A", "scram-sha-256",
            $"--pwfile={password}", "-E", "UTF8", "--locale=C.UTF-8"], cancel);
        if (exitCode != 0)
        {
            Directory.Delete(draft, recursive: true);
            throw Failure("PostgreSQL could not make its cluster", output, folder);
        }

        WriteSecret(PasswordFile(folder), secret);
        if (Directory.Exists(final)) Directory.Delete(final, recursive: true);
        Directory.Move(cluster, final);
        Directory.Delete(draft, recursive: true);
        if (final != folder)
        {
            if (new FileInfo(folder).LinkTarget is not null) File.Delete(folder);
            Directory.CreateSymbolicLink(folder, final);
        }
    }

    private async Task<bool> Adopt(CancellationToken cancel)
    {
        var pidFile = Path.Combine(_cluster, "postmaster.pid");
        if (!File.Exists(pidFile)) return false;
        var lines = await File.ReadAllLinesAsync(pidFile, cancel);
        if (lines.Length < 4 || !int.TryParse(lines[0], out var pid) || !int.TryParse(lines[3], out _port)) return false;

        for (var waited = Stopwatch.StartNew(); Runs(pid) && waited.Elapsed < TimeSpan.FromSeconds(20); await Task.Delay(100, cancel))
        {
            try
            {
                await using var source = NpgsqlDataSource.Create(AdminConnectionString);
                await using var where = source.CreateCommand("SHOW data_directory");
                return Adopted = (string?)await where.ExecuteScalarAsync(cancel) == _cluster;
            }
            catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.CannotConnectNow)
            {
                // Still recovering, or on its way down.
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }
        return false;
    }

    private async Task Launch(bool durable, (string Name, string Value)[] more, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            _port = FreePort.Next();
            var log = Path.Combine(_cluster, "server.log");
            if (File.Exists(log)) File.Move(log, log + ".old", overwrite: true);
            var settings = new Dictionary<string, string>
            {
                ["listen_addresses"] = "127.0.0.1",
                ["port"] = _port.ToString(CultureInfo.InvariantCulture),
                ["unix_socket_directories"] = "''",
                ["shared_buffers"] = "256MB",
                ["max_connections"] = "200",
                ["fsync"] = durable ? "on" : "off",
                ["synchronous_commit"] = durable ? "on" : "off",
                ["full_page_writes"] = durable ? "on" : "off",
                ["timezone"] = "UTC",
            };
            foreach (var (name, value) in more) settings[name] = value;
            var options = new StringBuilder();
            foreach (var (name, value) in settings) options.Append(CultureInfo.InvariantCulture, $"-c {name}={value} ");

            // pg_ctl starts the server in a session of its own: a Ctrl-C in our terminal reaches only us, and we stop it last.
            var (exitCode, output) = await Command.Run([.. _user.Prefix, _programs["pg_ctl"], "-D", _cluster, "-s", "-w", "-t", "60",
                "-l", log, "-o", options.ToString(), "start"], cancel);
            if (exitCode == 0) return;
            var said = File.Exists(log) ? await File.ReadAllTextAsync(log, cancel) : output;
            if (attempt == MostTries || !said.Contains("Address already in use", StringComparison.Ordinal))
                throw Failure("PostgreSQL did not start", said, _cluster);
        }
    }

    private async Task EnsureDatabase(CancellationToken cancel)
    {
        await using var source = NpgsqlDataSource.Create(AdminConnectionString);
        await Once($"SELECT FROM pg_roles WHERE rolname = '{Database}'", $"CREATE ROLE {Database} LOGIN PASSWORD '{_password}'");
        await Once($"SELECT FROM pg_database WHERE datname = '{Database}'", $"CREATE DATABASE {Database} OWNER {Database}");

        async Task Once(string look, string make)
        {
            await using var looking = source.CreateCommand(look);
            await using (var found = await looking.ExecuteReaderAsync(cancel))
            {
                if (await found.ReadAsync(cancel)) return;
            }
            await using var making = source.CreateCommand(make);
            await making.ExecuteNonQueryAsync(cancel);
        }
    }

    private string Connection(string user, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = user,
        Password = _password,
        Database = database,
        // Two processes on one private server stay below its max_connections.
        MaxPoolSize = 80,
    }.ConnectionString;

    private static StartFailure Failure(string what, string output, string folder)
    {
        if (output.Contains("No space left on device", StringComparison.Ordinal)) return new(StartFailure.NoSpace(folder));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var telling = lines.LastOrDefault(l => l.Contains("FATAL", StringComparison.Ordinal) || l.Contains("error:", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "it gave no reason";
        return new($"{what} in {folder} ({telling.TrimEnd('.')}): mend that, or start over with ./run --reset.");
    }

    private static string ReadPassword(string folder) => File.Exists(PasswordFile(folder))
        ? File.ReadAllText(PasswordFile(folder))
        : throw new StartFailure($"{PasswordFile(folder)} is missing, without which the database beside it cannot be opened: put it back, or start over with ./run --reset.");

    private static void WriteSecret(string file, string secret)
    {
        File.Delete(file);
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        stream.Write(Encoding.ASCII.GetBytes(secret));
    }

    private static bool Runs(int pid) => Directory.Exists($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}");
}
