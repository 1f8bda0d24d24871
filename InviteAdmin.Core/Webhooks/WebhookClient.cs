using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Webhooks;

/// <summary>How one try ended. <c>Status</c> is null when no answer came.</summary>
/// <param name="RetryAfter">What the endpoint asked for.</param>
public sealed record WebhookAnswer(int? Status, string? Error, string? Text, TimeSpan? RetryAfter)
{
    public bool Succeeded => Status is >= 200 and < 300 && Error is null;

    /// <summary>The endpoint says that it is gone for good.</summary>
    public bool IsGone => Status == 410;
}

/// <summary>
/// Posts a signed event. Every connection is made to an address that was resolved and judged just then, so a name that turns to a private address between two looks-up reaches nothing;
/// no proxy, no redirect, no cookie, and at most 4 KB of the answer are read.
/// </summary>
public sealed class WebhookClient : IDisposable
{
    private const int MostAnswerBytes = 4_096;
    private readonly WebhookAddress _addresses;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly HttpClient _http;

    public WebhookClient(WebhookAddress addresses, IOptions<WebhooksOptions> options, TimeProvider time)
    {
        (_addresses, _time, _patience) = (addresses, time, TimeSpan.FromSeconds(options.Value.TimeoutSeconds));
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectCallback = Connect, PooledConnectionLifetime = TimeSpan.FromMinutes(1), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(10), MaxResponseHeadersLength = 32, MaxResponseDrainSize = MostAnswerBytes, ResponseDrainTimeout = TimeSpan.FromSeconds(1), ActivityHeadersPropagator = null,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>One try of a signed event.</summary>
    public Task<WebhookAnswer> Post(string url, string id, DateTimeOffset at, string signature, string body, CancellationToken cancel) => Post(
        url, [("webhook-id", id), ("webhook-timestamp", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)), ("webhook-signature", signature)], body, cancel);

    /// <summary>One try. Whatever goes wrong is an answer; only the caller's own cancellation throws.</summary>
    public async Task<WebhookAnswer> Post(string url, IReadOnlyList<(string Name, string Value)> headers, string body, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_patience);
        try
        {
            var target = new Uri(url);
            if (_addresses.Shape(target) is { } wrong)
            {
                return new(null, wrong, null, null);
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new StringContent(body, new UTF8Encoding(false), "application/json") };
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("InviteAdmin-Webhooks", "1"));
            foreach (var (name, value) in headers)
            {
                request.Headers.Add(name, value);
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var status = (int)response.StatusCode;
            var error = status switch
            {
                >= 200 and < 300 => null,
                >= 300 and < 400 => $"It answered {status}: redirects are not followed.",
                _ => $"It answered {status}.",
            };
            return new(status, error, await Beginning(response.Content, limit.Token), Wait(response.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(null, $"It did not answer within {_patience.TotalSeconds:0} s.", null, null);
        }
        catch (HttpRequestException e)
        {
            return new(null, Why(e), null, null);
        }
        catch (Exception e) when (e is IOException or SocketException or UriFormatException)
        {
            return new(null, "The connection broke.", null, null);
        }
    }

    public void Dispose() => _http.Dispose();

    private TimeSpan? Wait(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > _time.GetUtcNow() => date - _time.GetUtcNow(),
        _ => null,
    };

    private static string Why(HttpRequestException e) => e switch
    {
        { InnerException: ClosedAddress } => "Its host now belongs to a private or special network, which webhooks must not reach.",
        { HttpRequestError: HttpRequestError.NameResolutionError } or { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } => "Its host cannot be found.",
        { HttpRequestError: HttpRequestError.SecureConnectionError } or { InnerException: AuthenticationException } => "No secure connection: its certificate is not accepted.",
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => "It refuses connections.",
        { HttpRequestError: HttpRequestError.ConnectionError } => "It cannot be reached.",
        _ => "Its answer is not HTTP, or the connection broke.",
    };

    // A status that came counts even when the body behind it never ends.
    private static async Task<string?> Beginning(HttpContent content, CancellationToken cancel)
    {
        var bytes = new byte[MostAnswerBytes];
        var read = 0;
        try
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            soon.CancelAfter(TimeSpan.FromSeconds(5));
            await using var stream = await content.ReadAsStreamAsync(soon.Token);
            read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, soon.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, read);
        return read == 0 ? null : new string([.. text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') || char.IsSurrogate(c) ? '\uFFFD' : c)]);
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var addresses = await _addresses.Open(context.DnsEndPoint.Host, cancel) ?? throw new ClosedAddress();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class ClosedAddress() : IOException("The address is closed to webhooks.");
}
