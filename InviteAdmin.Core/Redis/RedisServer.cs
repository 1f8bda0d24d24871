using System.Runtime.CompilerServices;
using InviteAdmin.Data;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace InviteAdmin.Redis;

/// <summary>
/// The connection to Redis, which may be absent at the start and lost on the way. Nothing waits longer than a second for it:
/// whoever asks gets null and does without.
/// </summary>
public sealed class RedisServer(string? connectionString, ILogger<RedisServer> log) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private ConnectionMultiplexer? _multiplexer;
    private long _nextTry;
    private long _restUntil;

    /// <summary>The multiplexer when it is connected, otherwise null.</summary>
    public async ValueTask<ConnectionMultiplexer?> Connected(CancellationToken cancel)
    {
        if (_multiplexer is { } known)
        {
            return known.IsConnected ? known : null;
        }

        if (string.IsNullOrWhiteSpace(connectionString) || Environment.TickCount64 < Volatile.Read(ref _nextTry) || !await _connecting.WaitAsync(Patience, cancel))
        {
            return null;
        }

        try
        {
            // Those who waited for the first one's connection share it, or its absence.
            if (_multiplexer is { } made)
            {
                return made.IsConnected ? made : null;
            }

            if (Environment.TickCount64 < Volatile.Read(ref _nextTry))
            {
                return null;
            }

            var options = ConfigurationOptions.Parse(connectionString);
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = 1_000;
            options.SyncTimeout = 1_000;
            _multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
            return _multiplexer.IsConnected ? _multiplexer : null;
        }
        catch (Exception e) when (IsAbsence(e))
        {
            log.LogWarning("Redis cannot be reached: {Reason}", e.GetType().Name);
            Volatile.Write(ref _nextTry, Environment.TickCount64 + 2_000);
            return null;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Runs commands within a second. False, and default, when Redis is away or too slow; then it is left alone for a second, so that not everybody waits.</summary>
    public async Task<(bool Answered, T? Value)> Try<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancel, [CallerFilePath] string flow = "")
    {
        if (Environment.TickCount64 < Volatile.Read(ref _restUntil))
        {
            return (false, default);
        }

        try
        {
            return await Ask().WaitAsync(Patience, cancel);
        }
        catch (TimeoutException)
        {
            Volatile.Write(ref _restUntil, Environment.TickCount64 + (long)Patience.TotalMilliseconds);
            return (false, default);
        }
        catch (Exception e) when (IsAbsence(e))
        {
            return (false, default);
        }

        async Task<(bool, T?)> Ask()
        {
            if (await Connected(cancel) is not { } redis)
            {
                return (false, default);
            }

            await FaultPoints.Pass(FaultPoints.BeforeRedis, flow);
            var value = await ask(redis.GetDatabase());
            await FaultPoints.Pass(FaultPoints.AfterRedis, flow);
            return (true, value);
        }
    }

    public void Dispose()
    {
        _multiplexer?.Dispose();
        _connecting.Dispose();
    }

    private static bool IsAbsence(Exception e) => e is RedisException or TimeoutException or System.Net.Sockets.SocketException or ObjectDisposedException;
}
