using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

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

/// <summary>The windows of this process. What it says is in the headers of draft-ietf-httpapi-ratelimit-headers.</summary>
public sealed class RateLimits(IOptions<LimitsOptions> options) : IDisposable
{
    private const int WindowSeconds = 60;
    private readonly PartitionedRateLimiter<(string Policy, string Partition)> _limiter = PartitionedRateLimiter.Create<(string Policy, string Partition), string>(
        of => RateLimitPartition.GetFixedWindowLimiter($"{of.Policy} {of.Partition}", _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = Quota(options.Value, of.Policy),
            Window = TimeSpan.FromSeconds(WindowSeconds),
            QueueLimit = 0,
        }));

    public const string Key = "key";
    public const string Anonymous = "anonymous";
    public const string Pages = "pages";
    public const string Forms = "forms";

    /// <summary>Takes one request from the window and writes the headers; false when the window is empty.</summary>
    public bool Take(HttpContext context, string policy, string partition)
    {
        using var lease = _limiter.AttemptAcquire((policy, partition));
        var left = lease.IsAcquired ? _limiter.GetStatistics((policy, partition))?.CurrentAvailablePermits ?? 0 : 0;
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";q={Quota(options.Value, policy)};w={WindowSeconds}");
        if (lease.IsAcquired)
        {
            headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r={left}");
            return true;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : WindowSeconds;
        headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r=0;t={wait}");
        return false;
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

    public void Dispose() => _limiter.Dispose();

    private static int Quota(LimitsOptions limits, string policy) => Math.Max(1, policy switch
    {
        Key => limits.KeyPerMinute,
        Anonymous => limits.AnonymousPerMinute,
        Forms => limits.FormsPerMinute,
        _ => limits.PagesPerMinute,
    });
}

/// <summary>Refuses API requests beyond their caller's window.</summary>
public sealed class ApiLimits(RequestDelegate next, RateLimits limits)
{
    public Task Invoke(HttpContext context, Caller caller)
    {
        var (policy, partition) = caller.KeyId is { } key ? (RateLimits.Key, key) : (RateLimits.Anonymous, RateLimits.PartitionOf(context.Connection.RemoteIpAddress));
        return limits.Take(context, policy, partition) ? next(context) : RateLimits.Refusal(context).ExecuteAsync(context);
    }
}
