using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace InviteAdmin.Tests.Support;

/// <summary>How a <see cref="TcpProxy"/> treats bytes and new connections.</summary>
public enum ProxyMode
{
    Pass,

    /// <summary>Nobody listens, and what was open is closed.</summary>
    Refuse,

    /// <summary>Everything is taken and nothing comes of it, as behind a firewall that drops packets.</summary>
    BlackHole,

    /// <summary>What the client sends arrives; what the server answers does not.</summary>
    HalfOpen,
}

/// <summary>A TCP proxy on a loopback port, put before PostgreSQL, Redis or SMTP to be a bad network; it changes its mood while it runs.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Link, Task> _links = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private volatile ProxyMode _mode;
    private long _delayTicks;

    public TcpProxy(int targetPort)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        Listen(0);
    }

    public int Port { get; private set; }

    /// <summary>Connections open now.</summary>
    public int Open => _links.Count;

    /// <summary>Forwards again. A connection that lost bytes meanwhile cannot go on and is reset, as a network's would be.</summary>
    public void Pass()
    {
        _mode = ProxyMode.Pass;
        Volatile.Write(ref _delayTicks, 0);
        foreach (var link in _links.Keys.Where(l => l.LostBytes)) link.Close(reset: true);
        if (_listener is null) Listen(Port);
    }

    /// <summary>Every piece of bytes waits so long on its way, in both directions.</summary>
    public void Delay(TimeSpan delay) => Volatile.Write(ref _delayTicks, delay.Ticks);

    /// <summary>Closes every connection in good order; new ones pass.</summary>
    public void Cut() => CloseAll(reset: false);

    /// <summary>Ends every connection with a RST; new ones pass.</summary>
    public void Reset() => CloseAll(reset: true);

    public void BlackHole() => _mode = ProxyMode.BlackHole;

    public void HalfOpen() => _mode = ProxyMode.HalfOpen;

    public void Refuse()
    {
        _mode = ProxyMode.Refuse;
        _listener?.Dispose();
        _listener = null;
        CloseAll(reset: false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Dispose();
        CloseAll(reset: false);
        await _accepting;
        await Task.WhenAll(_links.Values);
        _stop.Dispose();
    }

    private void CloseAll(bool reset)
    {
        foreach (var link in _links.Keys) link.Close(reset);
    }

    private void Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(512);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _listener = listener;
        _accepting = Accept(listener);
    }

    private async Task Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                var link = new Link(await listener.AcceptAsync(_stop.Token));
                _links[link] = Task.CompletedTask;
                _links[link] = Run(link);
                if (link.Ended) _links.TryRemove(link, out _);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Refused from now on, or the test is over.
        }
    }

    private async Task Run(Link link)
    {
        try
        {
            if (_mode != ProxyMode.BlackHole) await link.Server.ConnectAsync(_target, _stop.Token);
            Task[] both = [Pump(link, link.Client, link.Server, answers: false), Pump(link, link.Server, link.Client, answers: true)];
            await Task.WhenAny(both);
            link.Close(reset: false);
            await Task.WhenAll(both);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The target is away: the client sees its connection end.
        }
        finally
        {
            link.Dispose();
            _links.TryRemove(link, out _);
        }
    }

    private async Task Pump(Link link, Socket from, Socket to, bool answers)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            if (!from.Connected) await Task.Delay(Timeout.Infinite, link.Closed);
            for (int count; (count = await from.ReceiveAsync(buffer, SocketFlags.None, link.Closed)) > 0;)
            {
                if (TimeSpan.FromTicks(Volatile.Read(ref _delayTicks)) is { Ticks: > 0 } delay) await Task.Delay(delay, link.Closed);
                if (_mode == ProxyMode.BlackHole || (answers && _mode == ProxyMode.HalfOpen)) link.LostBytes = true;
                if (!link.LostBytes || (!answers && _mode == ProxyMode.HalfOpen && to.Connected)) await to.SendAsync(buffer.AsMemory(0, count), SocketFlags.None, link.Closed);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side ended; the other follows.
        }
    }

    private sealed class Link(Socket client) : IDisposable
    {
        private readonly CancellationTokenSource _closed = new();
        private int _ended;

        public Socket Client { get; } = client;

        public Socket Server { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public CancellationToken Closed => _closed.Token;

        public volatile bool LostBytes;

        public bool Ended => _ended != 0;

        // A socket disposed of in the middle of a read sends a RST by itself, so a good end is a shutdown first.
        public void Close(bool reset)
        {
            if (Interlocked.Exchange(ref _ended, 1) != 0) return;
            foreach (var side in (Socket[])[Client, Server])
            {
                try
                {
                    if (reset) side.Close(0);
                    else side.Shutdown(SocketShutdown.Both);
                }
                catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
                {
                    // Never connected, or the other side was first.
                }
            }

            _closed.Cancel();
        }

        public void Dispose()
        {
            Close(reset: false);
            Client.Dispose();
            Server.Dispose();
        }
    }
}
