using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using InviteAdmin.Data;
using InviteAdmin.People;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;

namespace InviteAdmin.Api;

/// <summary>
/// Makes a POST with an <c>Idempotency-Key</c> happen once: the effect and the stored answer share a commit, and a repeated
/// request gets that answer byte for byte. Without the header the request runs as it is.
/// </summary>
public sealed class Replay(RequestDelegate next, NpgsqlDataSource source, IServiceProvider services)
{
    public const string Header = "Idempotency-Key";
    public const int MostCharacters = 255;
    public const string ReplayedHeader = "Idempotent-Replayed";

    // A held request may need a second connection; half of the pool is left for those.
    private readonly SemaphoreSlim _places = new(Math.Max(1, new NpgsqlConnectionStringBuilder(source.ConnectionString).MaxPoolSize / 2));

    public async Task Invoke(HttpContext context, Caller caller, Transactions transactions, RequestKey requestKey)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.GetEndpoint()?.Metadata.GetMetadata<ApiCall>() is null || !context.Request.Headers.TryGetValue(Header, out var values))
        {
            await next(context);
            return;
        }

        var key = values.ToString();
        if (key.Length is 0 or > MostCharacters || !PlainText.IsClean(key))
        {
            await Problem.Of("bad-request", $"The header {Header} takes 1 to {MostCharacters} plain characters.").ExecuteAsync(context);
            return;
        }

        var body = await ReadBody(context);
        var request = HashOf(context.Request, body);
        var who = caller.KeyId is { } id ? $"key:{id}" : $"token:{TokenHash(context, body)}";
        var shares = context.GetEndpoint()!.Metadata.GetMetadata<SharesCommit>();
        var once = new OnceKey(who, key, request, (key, outcome) => Show(context, shares!, key, outcome));
        IdempotencyKey? answer = null;
        if (shares is not null)
        {
            requestKey.Once = once;
            answer = await Capture(context, once);
            if (once.Stored is not null || once.Refused || !IsKept(answer))
            {
                await Send(context, once.Stored ?? answer, once.Replayed);
                return;
            }
        }

        await _places.WaitAsync(context.RequestAborted);
        try
        {
            await Run(context, transactions, once, answer);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Runs the endpoint, unless it has its answer already, in a transaction that the answer is stored in.</summary>
    private async Task Run(HttpContext context, Transactions transactions, OnceKey once, IdempotencyKey? answer)
    {
        var connection = await transactions.BeginOuter(context.RequestAborted);
        await using var outer = transactions;
        if (await IdempotencyKeys.Begin(connection, once, context.RequestAborted) is { } refused)
        {
            await (once.Stored is { } stored ? Send(context, stored, replayed: true) : Problem.Of(refused).ExecuteAsync(context));
            return;
        }

        answer ??= await Capture(context, once);
        if (IsKept(answer))
        {
            await IdempotencyKeys.Store(connection, answer, context.RequestAborted);
            await transactions.CommitOuter();
        }

        await Send(context, answer, replayed: false);
    }

    /// <summary>Runs the endpoint and keeps what it answers; an exception leaves nothing behind, because nobody commits.</summary>
    private async Task<IdempotencyKey> Capture(HttpContext context, OnceKey once)
    {
        var real = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var buffer = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(buffer));
        try
        {
            await next(context);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        finally
        {
            context.Features.Set(real);
        }

        return Kept(once, context.Response, buffer);
    }

    // The request's own services may be gone when its caller has left; what it wrote is stored all the same.
    private async Task<IdempotencyKey> Show(HttpContext context, SharesCommit shares, OnceKey once, object outcome)
    {
        using var buffer = new MemoryStream();
        var shown = new DefaultHttpContext { RequestServices = services, TraceIdentifier = context.TraceIdentifier, Response = { Body = buffer } };
        await (await shares.Show(services, outcome)).ExecuteAsync(shown);
        return Kept(once, shown.Response, buffer);
    }

    private static IdempotencyKey Kept(OnceKey once, HttpResponse response, MemoryStream body) => new()
    {
        Caller = once.Caller,
        Key = once.Key,
        RequestHash = once.RequestHash,
        Status = response.StatusCode,
        ContentType = response.ContentType,
        Location = response.Headers.Location.ToString() is { Length: > 0 } location ? location : null,
        Body = body.ToArray(),
    };

    // A passing refusal must not become the answer for a day.
    private static bool IsKept(IdempotencyKey answer) => answer.Status is < 500 and not StatusCodes.Status429TooManyRequests;

    private static async Task Send(HttpContext context, IdempotencyKey answer, bool replayed)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        if (answer.ContentType == Problem.MediaType)
        {
            context.Items[typeof(Problem)] = Problem.SlugIn(answer.Body);
        }

        if (replayed)
        {
            response.Headers[ReplayedHeader] = "true";
            if (answer.Location is not null)
            {
                response.Headers.Location = answer.Location;
            }
        }

        if (answer.Body is { Length: > 0 } body)
        {
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static async Task<byte[]> ReadBody(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var bytes = body.ToArray();
        context.Request.Body = new MemoryStream(bytes, writable: false);
        return bytes;
    }

    private static byte[] HashOf(HttpRequest request, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.PathBase}{request.Path}{request.QueryString}\n"));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }

    // Without an API key the token in the path or the body says whose request it is.
    private static string TokenHash(HttpContext context, byte[] body) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.RouteValues["statusToken"] as string ?? TokenIn(body))));

    private static string TokenIn(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("token", out var token) && token.ValueKind == JsonValueKind.String
                ? token.GetString()!
                : "";
        }
        catch (Exception bad) when (bad is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}
