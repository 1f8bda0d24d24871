using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using InviteAdmin.Data;
using InviteAdmin.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace InviteAdmin.Api;

/// <summary>Section <c>Limits</c>: requests a minute. A key has its own; strangers share one by address (IPv6: by /64).</summary>
public sealed class LimitsOptions
{
    public int KeyPerMinute { get; set; } = 6_000;

    /// <summary>Calls of the API without a key, by address. One office is one address.</summary>
    public int AnonymousPerMinute { get; set; } = 600;

    /// <summary>Requests of public pages, by address.</summary>
    public int PagesPerMinute { get; set; } = 600;

    /// <summary>Forms sent from public pages, by address.</summary>
    public int FormsPerMinute { get; set; } = 60;
}

/// <summary>
/// The windows of a minute that all processes share in Redis. A process takes requests out of a window by the hundredth or so and deals them out itself, so that most
/// requests ask nobody; what is left of a window is never more than the window's. While Redis is away each process deals out its share: the window divided by the
/// processes at work, less what it has dealt out already. What is said is in the headers of draft-ietf-httpapi-ratelimit-headers.
/// </summary>
public sealed class RateLimits(IOptions<LimitsOptions> options, RedisServer redis, RedisKeys names, Heartbeat heartbeat, TimeProvider time, ILogger<RateLimits> log)
{
    private const int WindowSeconds = 60;
    private const int MostAtOnce = 50;
    private const int MostWindows = 50_000;
    private readonly ConcurrentDictionary<(string Policy, string Partition), RateWindow> _windows = new();
    private long _swept = time.GetTimestamp();

    public const string Key = "key";
    public const string Anonymous = "anonymous";
    public const string Pages = "pages";
    public const string Forms = "forms";

    /// <summary>Takes one request from the window and writes the headers; false when the window is empty.</summary>
    public async ValueTask<bool> Take(HttpContext context, string policy, string partition)
    {
        var quota = Quota(options.Value, policy);
        var window = _windows.GetOrAdd((policy, partition), static (_, now) => new RateWindow(now), Now());
        Forget();
        var taken = window.TakeHeld(Now()) ?? await Ask(window, policy, partition, quota, context.RequestAborted);
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";q={quota};w={WindowSeconds}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r={taken.Left};t={taken.Seconds}");
        if (!taken.Allowed)
        {
            headers.RetryAfter = taken.Seconds.ToString(CultureInfo.InvariantCulture);
        }

        return taken.Allowed;
    }

    /// <summary>The problem after <see cref="Take"/> said no.</summary>
    public static IResult Refusal(HttpContext context) => Problem.Of("rate-limited", $"Too many requests. Try again in {context.Response.Headers.RetryAfter} s.");

    /// <summary>The caller's address; of IPv6 the first 64 bits, which are one household or office.</summary>
    public static string PartitionOf(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    private async ValueTask<RateTaken> Ask(RateWindow window, string policy, string partition, int quota, CancellationToken cancel)
    {
        var (used, milliseconds) = window.Standing(Now(), WindowSeconds * 1_000);
        var (answered, got) = await Shared(policy, partition, quota, used, milliseconds, cancel);
        return answered
            ? window.Grant(Now(), got.Granted, got.Left, got.Milliseconds)
            : window.TakeShare(Now(), (quota + heartbeat.Processes - 1) / heartbeat.Processes, WindowSeconds * 1_000);
    }

    private async Task<(bool Answered, (int Granted, int Left, long Milliseconds) Got)> Shared(string policy, string partition, int quota, int used, long milliseconds, CancellationToken cancel)
    {
        try
        {
            var name = await names.Of($"limit:{policy}:{partition}", cancel);
            return await redis.Try(async db =>
            {
                var got = (RedisResult[])await db.ScriptEvaluateAsync(TakeScript, [name], [Math.Clamp(quota / 200, 1, MostAtOnce), quota, milliseconds, used]);
                return ((int)got[0], (int)got[1], (long)got[2]);
            }, cancel);
        }
        catch (Exception away) when (Absence.MayPass(away))
        {
            // The name of the installation is not known yet, and neither is Redis's window then.
            log.LogDebug(away, "Limits are this process's own meanwhile.");
            return default;
        }
    }

    // Windows that are over say nothing any more. So many at once that they fill the memory are let go, which costs a guesser's window its share in this process and nothing in Redis.
    private void Forget()
    {
        var swept = Interlocked.Read(ref _swept);
        if (time.GetElapsedTime(swept).TotalSeconds < 10 || Interlocked.CompareExchange(ref _swept, time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (name, window) in _windows)
        {
            if (window.IsOver(Now()))
            {
                _windows.TryRemove(name, out _);
            }
        }

        if (_windows.Count > MostWindows)
        {
            _windows.Clear();
        }
    }

    private long Now() => (long)time.GetElapsedTime(0).TotalMilliseconds;

    private static int Quota(LimitsOptions limits, string policy) => Math.Max(1, policy switch
    {
        Key => limits.KeyPerMinute,
        Anonymous => limits.AnonymousPerMinute,
        Forms => limits.FormsPerMinute,
        _ => limits.PagesPerMinute,
    });

    // Wants some (1) of a window's quota (2) that lasts so many milliseconds (3); whoever asks has dealt out so many of it (4), which a Redis that lost its memory learns again here.
    // What is no window of ours makes room for one.
    private const string TakeScript =
        """
        local known = redis.pcall('GET', KEYS[1])
        if type(known) == 'table' then redis.call('DEL', KEYS[1]); known = nil end
        local n = tonumber(known or '0') or 0
        known = math.max(n, tonumber(ARGV[4]))
        local take = math.max(0, math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) - known))
        if known + take > n then
          if n == 0 then redis.call('SET', KEYS[1], known + take, 'PX', ARGV[3]) else redis.call('INCRBY', KEYS[1], known + take - n) end
        end
        local left = redis.call('PTTL', KEYS[1])
        if left < 0 then left = tonumber(ARGV[3]); redis.call('PEXPIRE', KEYS[1], left) end
        return {take, math.max(0, tonumber(ARGV[2]) - known - take), left}
        """;
}

/// <summary>Refuses API requests beyond their caller's window.</summary>
public sealed class ApiLimits(RequestDelegate next, RateLimits limits)
{
    public async Task Invoke(HttpContext context, Caller caller)
    {
        var (policy, partition) = caller.KeyId is { } key ? (RateLimits.Key, key) : (RateLimits.Anonymous, RateLimits.PartitionOf(context.Connection.RemoteIpAddress));
        await (await limits.Take(context, policy, partition) ? next(context) : RateLimits.Refusal(context).ExecuteAsync(context));
    }
}
