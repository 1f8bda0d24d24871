using System.Diagnostics;
using System.Text.RegularExpressions;
using InviteAdmin.Access;

namespace InviteAdmin.Api;

/// <summary>Notes every request of the API for the log once its answer was made. The caller waits for a clock and a hand-over, nothing else.</summary>
public sealed partial class RequestNote(RequestDelegate next, RequestLog log, TimeProvider time)
{
    // What may stand in the log as it was sent; of everything else the name alone.
    private static readonly HashSet<string> PlainValues = new(StringComparer.Ordinal) { "id", "userId", "slug", "limit", "depth", "from", "to" };

    public async Task Invoke(HttpContext context)
    {
        var (began, at) = (Stopwatch.GetTimestamp(), time.GetUtcNow());
        var body = context.Request.ContentLength is > 0 and <= RedactedBody.MostBytes || context.Request.Headers.TransferEncoding.Count > 0 ? new ReadAlong(context.Request.Body, RedactedBody.MostBytes) : null;
        if (body is not null)
        {
            context.Request.Body = body;
        }

        try
        {
            await next(context);
        }
        finally
        {
            Note(context, began, at, body);
        }
    }

    private void Note(HttpContext context, long began, DateTimeOffset at, ReadAlong? body)
    {
        var status = context.Response.StatusCode;
        var key = context.RequestServices.GetRequiredService<Caller>().KeyId;
        // What strangers send is none of ours to keep.
        var (read, length) = key is null ? (null, 0) : body is null ? (null, context.Request.ContentLength ?? 0) : ((ReadOnlyMemory<byte>?)body.Seen, Math.Max(body.Length, context.Request.ContentLength ?? 0));
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        log.Note(new NotedRequest(
            at, Stopwatch.GetElapsedTime(began).TotalMilliseconds, context.Request.Method, route, PathOf(context, route), status, context.Items[typeof(Problem)] as string, key,
            context.Request.Headers.TryGetValue(Replay.Header, out var once) && HttpMethods.IsPost(context.Request.Method) ? once.ToString() : null,
            context.Response.Headers.ContainsKey(Replay.ReplayedHeader), context.TraceIdentifier, read, length));
    }

    private static string PathOf(HttpContext context, string route)
    {
        var path = context.GetEndpoint()?.Metadata.GetMetadata<ApiCall>() is null
            ? string.Join('/', context.Request.Path.Value!.Split('/').Take(10).Select(part => part.Length == 0 || PlainPart().IsMatch(part) ? part : "[…]"))
            : context.Request.RouteValues.Aggregate(route, (text, value) => text.Replace($"{{{value.Key}}}", PlainValues.Contains(value.Key) ? RedactedBody.Plain(value.Value as string) : $"[{value.Key}]", StringComparison.Ordinal));
        if (!context.Request.QueryString.HasValue)
        {
            return path;
        }

        var query = context.Request.Query.Take(20).Select(q => $"{RedactedBody.Plain(q.Key)}={(PlainValues.Contains(q.Key) ? RedactedBody.Plain(q.Value.ToString()) : "[…]")}");
        return $"{path}?{string.Join('&', query)}";
    }

    // Words as addresses are made of; whatever holds digits or capitals may be a code.
    [GeneratedRegex("^([a-z][a-z.-]{0,30}|v[0-9]{1,2})$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainPart();
}

/// <summary>Remembers the first bytes that are read through it.</summary>
internal sealed class ReadAlong(Stream inner, int most) : Stream
{
    private byte[] _seen = [];
    private int _kept;
    private long _length;

    public ReadOnlyMemory<byte> Seen => _seen.AsMemory(0, _kept);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    /// <summary>How much was read.</summary>
    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        return Look(buffer.Span, read);
    }

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => await ReadAsync(buffer.AsMemory(offset, count), cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => Look(buffer.AsSpan(offset, count), inner.Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Look(ReadOnlySpan<byte> buffer, int read)
    {
        _length += read;
        if (_length <= most && read > 0)
        {
            if (_seen.Length < _kept + read)
            {
                Array.Resize(ref _seen, Math.Max(_kept + read, Math.Min(most, 512)));
            }

            buffer[..read].CopyTo(_seen.AsSpan(_kept));
            _kept += read;
        }

        return read;
    }
}
