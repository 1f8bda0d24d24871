using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace InviteAdmin.Tests.Support;

/// <summary>A span, a point of a metric or a log line as it arrived.</summary>
/// <param name="Name">Of the span or metric; the body of a log line.</param>
public sealed record Arrived(string Signal, string Name, string Unit, double Value, IReadOnlyDictionary<string, string> Attributes, string Trace, string Parent);

/// <summary>The other side: a collector on loopback that takes OTLP by HTTP and by gRPC, reads the protobuf and keeps what it was sent.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<Arrived> Taken { get; } = new();

    /// <summary>Every text of every message, resource and all.</summary>
    public ConcurrentQueue<string> Texts { get; } = new();

    public ConcurrentQueue<string> Resources { get; } = new();

    /// <summary>By which path and protocol something came.</summary>
    public ConcurrentDictionary<string, int> Ways { get; } = new(StringComparer.Ordinal);

    public string Http => _app.Urls.First();

    public string Grpc => _app.Urls.Last();

    public static async Task<OtlpReceiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2);
        });
        var receiver = new OtlpReceiver(builder.Build());
        receiver._app.Run(receiver.Take);
        await receiver._app.StartAsync();
        return receiver;
    }

    public IEnumerable<Arrived> Of(string signal) => Taken.Where(t => t.Signal == signal);

    /// <summary>The last value of a point whose attributes hold these.</summary>
    public double? Last(string metric, params (string Key, string Value)[] attributes) =>
        Of("metrics").LastOrDefault(m => m.Name == metric && attributes.All(a => m.Attributes.GetValueOrDefault(a.Key) == a.Value))?.Value;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using var whole = new MemoryStream();
        await context.Request.Body.CopyToAsync(whole);
        var body = whole.ToArray();
        var path = context.Request.Path.Value!;
        var grpc = context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
        Ways.AddOrUpdate($"{(grpc ? "grpc" : "http")} {path}", 1, (_, n) => n + 1);
        if (grpc) body = body[5..];
        else if (context.Request.Headers.ContentEncoding == "gzip") body = Unpacked(body);

        var message = new ProtoMessage(body);
        foreach (var text in message.Texts()) Texts.Enqueue(text);
        var signal = path.Contains("trace", StringComparison.Ordinal) ? "traces" : path.Contains("metrics", StringComparison.Ordinal) ? "metrics" : "logs";
        foreach (var resource in message.All(1))
        {
            foreach (var attribute in Attributes(resource.All(1).SelectMany(r => r.All(1)))) Resources.Enqueue($"{attribute.Key}={attribute.Value}");
            foreach (var item in resource.All(2).SelectMany(scope => scope.All(2))) Keep(signal, item);
        }

        if (grpc)
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
        else context.Response.ContentType = "application/x-protobuf";
    }

    // Field numbers of opentelemetry/proto/{trace,metrics,logs}/v1.
    private void Keep(string signal, ProtoMessage item)
    {
        switch (signal)
        {
            case "traces":
                Taken.Enqueue(new(signal, item.Text(5), "", 0, Attributes(item.All(9)), Convert.ToHexString(item.Bytes(1)), Convert.ToHexString(item.Bytes(4))));
                break;
            case "logs":
                Taken.Enqueue(new(signal, item.All(5).FirstOrDefault()?.Text(1) ?? "", "", item.Number(2), Attributes(item.All(6)), Convert.ToHexString(item.Bytes(9)), ""));
                break;
            default:
                foreach (var point in item.All(5).Concat(item.All(7)).SelectMany(data => data.All(1)))
                    Taken.Enqueue(new(signal, item.Text(1), item.Text(3), point.Has(6) ? point.Fixed(6) : BitConverter.Int64BitsToDouble(point.Fixed(4)), Attributes(point.All(7)), "", ""));
                foreach (var point in item.All(9).SelectMany(data => data.All(1)))
                    Taken.Enqueue(new(signal, item.Text(1), item.Text(3), point.Fixed(4), Attributes(point.All(9)), "", ""));
                break;
        }
    }

    private static Dictionary<string, string> Attributes(IEnumerable<ProtoMessage> pairs)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var value = pair.All(2).FirstOrDefault();
            read[pair.Text(1)] = value is null ? "" : value.Has(1) ? value.Text(1) : value.Number(3).ToString(CultureInfo.InvariantCulture);
        }

        return read;
    }

    private static byte[] Unpacked(byte[] body)
    {
        using var from = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        using var to = new MemoryStream();
        from.CopyTo(to);
        return to.ToArray();
    }
}

/// <summary>A protobuf message by field numbers: what the test needs of the format and no more.</summary>
public sealed class ProtoMessage
{
    private readonly List<(int Field, long Number, byte[]? Bytes)> _fields = [];

    public ProtoMessage(ReadOnlySpan<byte> from)
    {
        while (from.Length > 0)
        {
            var tag = (int)Varint(ref from);
            switch (tag & 7)
            {
                case 0: _fields.Add((tag >> 3, Varint(ref from), null)); break;
                case 1: _fields.Add((tag >> 3, BitConverter.ToInt64(from), null)); from = from[8..]; break;
                case 5: _fields.Add((tag >> 3, BitConverter.ToInt32(from), null)); from = from[4..]; break;
                case 2:
                    var length = (int)Varint(ref from);
                    _fields.Add((tag >> 3, 0, from[..length].ToArray()));
                    from = from[length..];
                    break;
                default: throw new InvalidDataException($"Wire type {tag & 7}.");
            }
        }
    }

    public bool Has(int field) => _fields.Any(f => f.Field == field);

    public IEnumerable<ProtoMessage> All(int field) => _fields.Where(f => f.Field == field && f.Bytes is not null).Select(f => new ProtoMessage(f.Bytes));

    public byte[] Bytes(int field) => _fields.FirstOrDefault(f => f.Field == field).Bytes ?? [];

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public long Number(int field) => _fields.FirstOrDefault(f => f.Field == field).Number;

    public long Fixed(int field) => Number(field);

    /// <summary>Whatever in it can be read as text.</summary>
    public IEnumerable<string> Texts() => _fields.Where(f => f.Bytes is not null).Select(f => Encoding.UTF8.GetString(f.Bytes!));

    private static long Varint(ref ReadOnlySpan<byte> from)
    {
        var (value, shift) = (0L, 0);
        while (true)
        {
            var part = from[0];
            from = from[1..];
            value |= (long)(part & 0x7f) << shift;
            if (part < 0x80) return value;
            shift += 7;
        }
    }
}
