using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace InviteAdmin.Hosting;

/// <summary>A Redis of our own on a loopback port, without persistence: what it holds can be lost.</summary>
public sealed class PrivateRedis : IAsyncDisposable
{
    private const int MostTries = 3;
    private static readonly string[] Places = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"];
    private readonly int _port;
    private readonly string _password;

    private PrivateRedis(int port, string password) => (_port, _password) = (port, password);

    public string ConnectionString => $"127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)},password={_password}";

    /// <summary>Adopts the Redis a killed process left behind in the folder, or starts one.</summary>
    public static async Task<PrivateRedis> Start(string folder, CancellationToken cancel)
    {
        if (await Running(folder, cancel) is { } left) return left;
        var program = Places.FirstOrDefault(File.Exists)
            ?? throw new StartFailure("Redis is not installed: apt-get install redis-server, or name a server in ConnectionStrings__Redis.");

        for (var attempt = 1; ; attempt++)
        {
            var redis = new PrivateRedis(FreePort.Next(), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
            var log = Path.Combine(folder, "server.log");
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // It leaves our session by itself, so that a Ctrl-C in our terminal reaches only us.
            await File.WriteAllTextAsync(Conf(folder), $"""
                bind 127.0.0.1
                port {redis._port.ToString(CultureInfo.InvariantCulture)}
                requirepass {redis._password}
                databases 1024
                save ""
                appendonly no
                daemonize yes
                dir "{folder}"
                pidfile "{Path.Combine(folder, "pid")}"
                logfile "{log}"

                """, cancel);

            await Command.Run([program, Conf(folder)], cancel);
            for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(5); await Task.Delay(20, cancel))
            {
                if (await redis.Answers("PING", "+PONG", cancel)) return redis;
                if (File.Exists(log) && (await File.ReadAllTextAsync(log, cancel)).Contains("Address already in use", StringComparison.Ordinal)) break;
            }
            if (attempt == MostTries)
                throw new StartFailure($"Redis did not start ({(File.Exists(log) ? (await File.ReadAllLinesAsync(log, cancel)).LastOrDefault() : "it wrote no log")}): mend that, or name a server in ConnectionStrings__Redis.");
        }
    }

    /// <summary>The Redis that runs in the folder, whoever started it; null when there is none.</summary>
    public static async Task<PrivateRedis?> Running(string folder, CancellationToken cancel)
    {
        if (!File.Exists(Conf(folder))) return null;
        var settings = (await File.ReadAllLinesAsync(Conf(folder), cancel)).Select(l => l.Split(' ', 2)).Where(l => l.Length == 2).ToLookup(l => l[0], l => l[1]);
        if (!int.TryParse(settings["port"].FirstOrDefault(), out var port) || settings["requirepass"].FirstOrDefault() is not { } password) return null;
        var redis = new PrivateRedis(port, password);
        return await redis.Answers("PING", "+PONG", cancel) ? redis : null;
    }

    public async ValueTask DisposeAsync() => await Answers("SHUTDOWN NOSAVE", "", CancellationToken.None);

    /// <summary>Four lines of the Redis protocol, because a multiplexer would go on trying to reach a server that is meant to be gone.</summary>
    private async Task<bool> Answers(string command, string expected, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, limit.Token);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {_password}\r\n{command}\r\n"), limit.Token);
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync(limit.Token) == "+OK" && (await reader.ReadLineAsync(limit.Token) ?? "") == expected;
        }
        catch (Exception fault) when (fault is IOException or SocketException || (fault is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }

    private static string Conf(string folder) => Path.Combine(folder, "redis.conf");
}
