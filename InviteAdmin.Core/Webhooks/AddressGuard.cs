using System.Net;
using System.Net.Sockets;

namespace InviteAdmin.Webhooks;

/// <summary>
/// Which addresses a webhook may reach: those of the public internet and no others (the registries of special addresses of RFC 6890, IANA). An address that carries an IPv4 one is judged by that.
/// </summary>
public static class AddressGuard
{
    private static readonly IPNetwork[] Closed =
    [
        .. ((string[])[
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Metadata of clouds that stands at a public-looking address.
            "168.63.129.16/32",
        ]).Select(n => IPNetwork.Parse(n)),
    ];

    // Of IPv6 only global unicast is open at all.
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] ClosedOfGlobal = [.. ((string[])["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"]).Select(n => IPNetwork.Parse(n))];

    // NAT64 (RFC 6052), whose last four bytes are an IPv4 address that a gateway calls.
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool IsOpen(IPAddress address, bool allowLoopback)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (allowLoopback && IPAddress.IsLoopback(address))
        {
            return true;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Closed.Any(n => n.Contains(address));
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.ScopeId != 0)
        {
            return false;
        }

        return Nat64.Contains(address)
            ? IsOpen(new IPAddress(address.GetAddressBytes()[12..]), allowLoopback: false)
            : Global.Contains(address) && !ClosedOfGlobal.Any(n => n.Contains(address));
    }
}

/// <summary>How a host's addresses are found; a test puts a lying one here.</summary>
public delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancel);
