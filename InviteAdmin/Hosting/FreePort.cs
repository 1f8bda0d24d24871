using System.Net;
using System.Net.Sockets;

namespace InviteAdmin.Hosting;

/// <summary>Finds a loopback port nobody listens on; it may be taken before it is used, so callers try again.</summary>
internal static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
