using System.Net;
using System.Net.Sockets;
using InviteAdmin.People;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Webhooks;

/// <summary>
/// Whether an address may be an endpoint's: HTTPS, no user and password, no fragment, port 443 or one from 1024, and a host all of whose addresses are public now. When an endpoint
/// is called its host is resolved and judged again (<see cref="WebhookClient"/>): what was public when it was added need not be so later.
/// </summary>
public sealed class WebhookAddress(IOptions<WebhooksOptions> options, ResolveHost resolve)
{
    private const int MostCharacters = 2_000;
    private const int LeastFreePort = 1_024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The address in its canonical form, or the sentence that says what is wrong with it.</summary>
    public async Task<Outcome<string>> Check(string? text, CancellationToken cancel)
    {
        var trimmed = text?.Trim() ?? "";
        if (trimmed.Length == 0)
        {
            return new Invalid("url", "The address is needed.");
        }

        if (trimmed.Length > MostCharacters || !PlainText.IsClean(trimmed) || !Uri.TryCreate(trimmed, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return new Invalid("url", $"The address must be a web address like https://example.com/webhooks, with at most {MostCharacters:N0} characters.");
        }

        return Shape(url) is { } wrong ? new Invalid("url", wrong) : await Reach(url, cancel) is { } closed ? new Invalid("url", closed) : url.AbsoluteUri;
    }

    /// <summary>What is wrong with an address as it is written.</summary>
    internal string? Shape(Uri url) => url switch
    {
        { Scheme: "http" } when !options.Value.AllowHttp => "The address must begin with https://.",
        { Scheme: not ("https" or "http") } => "The address must begin with https://.",
        { UserInfo.Length: > 0 } => "The address must not hold a user name or password; what is sent is signed instead.",
        { Fragment.Length: > 0 } => "The address must not hold a fragment (#).",
        { Port: < LeastFreePort and not (443 or 80) } => "The address must use port 443 or a port from 1024.",
        { Port: 80, Scheme: "https" } => "The address must use port 443 or a port from 1024.",
        _ => null,
    };

    private async Task<string?> Reach(Uri url, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            return await Open(url.IdnHost, limit.Token) is null ? "The address belongs to a private or special network, which webhooks must not reach." : null;
        }
        catch (Exception e) when (e is SocketException or ArgumentException || e is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return "The host of the address cannot be found.";
        }
    }

    /// <summary>The host's addresses when every one of them is open; null when a single one is not. Throws when there is none.</summary>
    internal async Task<IPAddress[]?> Open(string host, CancellationToken cancel)
    {
        var addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await resolve(host, cancel);
        return addresses.Length == 0 ? throw new SocketException((int)SocketError.HostNotFound) : addresses.All(a => AddressGuard.IsOpen(a, options.Value.AllowLoopback)) ? addresses : null;
    }
}
