using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace InviteAdmin.Benchmarks;

/// <summary>
/// A caller over HTTP with one connection kept open. It knows only what these answers need, because a full client in the same
/// two cores would measure itself.
/// </summary>
internal sealed class HttpCaller : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[32 * 1024];
    private readonly string _head;
    private bool _connected;

    public HttpCaller(Uri address, string path, string key)
    {
        _head = $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n";
        Address = new IPEndPoint(IPAddress.Parse(address.Host), address.Port);
    }

    private IPEndPoint Address { get; }

    /// <summary>Posts and reads the whole answer. Throws unless it is 200 or 201.</summary>
    public async Task Post(string json, string? idempotencyKey = null)
    {
        if (!_connected)
        {
            await _socket.ConnectAsync(Address);
            _connected = true;
        }

        var key = idempotencyKey is null ? "" : $"Idempotency-Key: {idempotencyKey}\r\n";
        await _socket.SendAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_head}{key}Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}")));
        var length = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(length));
            if (read == 0) throw new InvalidOperationException("The app closed the connection.");
            length += read;
            var end = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end < 0) continue;
            var head = Encoding.ASCII.GetString(_buffer, 0, end);
            if (!IsWhole(head, end + 4, length)) continue;
            if (!head.StartsWith("HTTP/1.1 20", StringComparison.Ordinal)) throw new InvalidOperationException(Encoding.UTF8.GetString(_buffer, 0, length));
            return;
        }
    }

    public void Dispose() => _socket.Dispose();

    private bool IsWhole(string head, int body, int length)
    {
        var at = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return _buffer.AsSpan(0, length).EndsWith("0\r\n\r\n"u8);
        var line = head[(at + 16)..];
        return length - body >= int.Parse(line.Split('\r')[0], CultureInfo.InvariantCulture);
    }
}
