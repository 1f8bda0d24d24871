using System.Net;
using System.Net.Sockets;

namespace InviteAdmin.Tests.Support;

/// <summary>The bad network is as bad as it says, and as good again afterwards.</summary>
public sealed class TcpProxyTests : IAsyncLifetime
{
    private readonly TcpListener _echo = new(IPAddress.Loopback, 0);
    private readonly TcpProxy _proxy;
    private readonly Task _echoing;
    private int _heard;

    public TcpProxyTests()
    {
        _echo.Start();
        _proxy = new TcpProxy(((IPEndPoint)_echo.LocalEndpoint).Port);
        _echoing = Echo();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Pass_ThenDelay_AnswersSoonThenLate()
    {
        using var client = await Connect();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.True(await Answers(client));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMilliseconds(590));
        _proxy.Delay(TimeSpan.FromMilliseconds(300));
        clock.Restart();
        Assert.True(await Answers(client));
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(590), TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CutAndReset_EndWhatIsOpen_AndTakeNewConnections(bool reset)
    {
        using var client = await Connect();
        Assert.True(await Answers(client));
        if (reset) _proxy.Reset(); else _proxy.Cut();
        if (reset) await Assert.ThrowsAsync<SocketException>(() => Read(client));
        else Assert.Equal(0, await Read(client));
        using var next = await Connect();
        Assert.True(await Answers(next));
    }

    [Theory]
    [InlineData(ProxyMode.BlackHole, 1)]
    [InlineData(ProxyMode.HalfOpen, 2)]
    public async Task BlackHoleAndHalfOpen_NothingComesBack_UntilItPassesAgain(ProxyMode mode, int heard)
    {
        using var client = await Connect();
        Assert.True(await Answers(client));
        if (mode == ProxyMode.BlackHole) _proxy.BlackHole(); else _proxy.HalfOpen();
        Assert.False(await Answers(client, seconds: 0.5));
        Assert.Equal(heard, _heard);
        using var during = await Connect();
        Assert.False(await Answers(during, seconds: 0.5));
        _proxy.Pass();
        await Assert.ThrowsAsync<SocketException>(() => Read(client));
        using var next = await Connect();
        Assert.True(await Answers(next));
    }

    [Fact]
    public async Task Refuse_NobodyListens_UntilItPassesAgain()
    {
        using var client = await Connect();
        _proxy.Refuse();
        Assert.Equal(0, await Read(client));
        var refused = await Assert.ThrowsAsync<SocketException>(Connect);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        _proxy.Pass();
        using var next = await Connect();
        Assert.True(await Answers(next));
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _echo.Dispose();
        await _echoing;
    }

    private async Task<Socket> Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return socket;
    }

    private static async Task<bool> Answers(Socket client, double seconds = 10)
    {
        await client.SendAsync(new byte[] { 7 }, SocketFlags.None);
        try
        {
            return await Read(client, seconds) == 1;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<int> Read(Socket client, double seconds = 10)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        return await client.ReceiveAsync(new byte[1], SocketFlags.None, limit.Token);
    }

    private async Task Echo()
    {
        try
        {
            while (true) _ = Back(await _echo.AcceptSocketAsync());
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }

        async Task Back(Socket socket)
        {
            using var open = socket;
            var buffer = new byte[16];
            try
            {
                for (int count; (count = await socket.ReceiveAsync(buffer, SocketFlags.None)) > 0; await socket.SendAsync(buffer.AsMemory(0, count), SocketFlags.None)) Interlocked.Add(ref _heard, count);
            }
            catch (SocketException)
            {
                // The proxy went.
            }
        }
    }
}
