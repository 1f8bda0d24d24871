using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Api;

/// <summary>Calls the API as a company's backend would, with one key.</summary>
public sealed class ApiClient : IDisposable
{
    private const string Root = "/api/v1";
    private readonly HttpClient _http;

    public ApiClient(Uri address, string? key)
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 64 }) { BaseAddress = address };
        Key = key;
    }

    public string? Key { get; }

    /// <summary>With the development key, which has every scope.</summary>
    public static ApiClient For(RunningApp app)
    {
        ServedSchema.Of(app);
        return new(app.Address, DevelopmentKey(app));
    }

    public static string DevelopmentKey(RunningApp app) => app.Services.GetRequiredService<IConfiguration>()["Api:DevelopmentKey"]!;

    /// <summary>With a new key that carries these scopes.</summary>
    public static async Task<ApiClient> With(RunningApp app, params string[] scopes)
    {
        ServedSchema.Of(app);
        await using var scope = app.Services.CreateAsyncScope();
        var made = await scope.ServiceProvider.GetRequiredService<CreateApiKey>().One(Actor.System, "Test", scopes, default);
        return new ApiClient(app.Address, made.Must().Secret);
    }

    public Task<ApiAnswer> Get(string path) => Send(new HttpRequestMessage(HttpMethod.Get, Root + path));

    public Task<ApiAnswer> PutText(string path, string body) => Send(new HttpRequestMessage(HttpMethod.Put, Root + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") });

    public Task<ApiAnswer> Delete(string path) => Send(new HttpRequestMessage(HttpMethod.Delete, Root + path));

    public Task<ApiAnswer> Put(string path, object body) => PutText(path, JsonSerializer.Serialize(body));

    public Task<ApiAnswer> Post(string path, object? body = null, string? idempotencyKey = null) =>
        PostRaw(path, body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web), idempotencyKey);

    public Task<ApiAnswer> PostText(string path, string body, string? idempotencyKey = null) => PostRaw(path, Encoding.UTF8.GetBytes(body), idempotencyKey);

    public Task<ApiAnswer> PostRaw(string path, byte[]? body, string? idempotencyKey = null, string mediaType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Root + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }

        if (idempotencyKey is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        return Send(request);
    }

    public async Task<ApiAnswer> Send(HttpRequestMessage request)
    {
        if (Key is not null && request.Headers.Authorization is null) request.Headers.Authorization = new("Bearer", Key);
        using var response = await _http.SendAsync(request);
        var answer = new ApiAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Content.Headers.ContentType?.ToString(), response.Headers);
        // Whatever a test wants to see: it must be what the document says.
        if (ServedSchema.Known is { } served) Assert.Empty(served.Wrong(request.Method.Method, request.RequestUri!.IsAbsoluteUri ? request.RequestUri.AbsolutePath : request.RequestUri.OriginalString, answer));
        return answer;
    }

    /// <summary>A confirmed person on the list.</summary>
    public async Task<JsonElement> Waiting(string email, string? referral = null) =>
        (await Post("/waitlist", new { email, name = "Ann Example", referral, emailVerified = true })).Expect(201);

    /// <summary>A campaign's single code with this many uses.</summary>
    public async Task<string> Code(int uses = 1, string? tier = null) =>
        (await Post("/campaigns", new { name = "Test", count = 1, maxUsesEach = uses, tier })).Expect(201).GetProperty("codes")[0].GetString()!;

    public async Task<JsonElement> Member(string email) =>
        (await Post("/redemptions", new { code = await Code(), email, name = "Ann Example", emailVerified = true })).Expect(201);

    public void Dispose() => _http.Dispose();
}

/// <summary>What the server said.</summary>
public sealed record ApiAnswer(HttpStatusCode Status, byte[] Body, string? ContentType, HttpResponseHeaders Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public JsonElement Expect(int status)
    {
        Assert.True((int)Status == status, $"Expected {status}, got {(int)Status}: {Text}");
        return Json;
    }

    /// <summary>A whole problem of this type; its title, status and request id are checked too.</summary>
    public JsonElement Problem(int status, string slug)
    {
        var problem = Expect(status);
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal($"/problems/{slug}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.NotEmpty(problem.GetProperty("requestId").GetString()!);
        return problem;
    }

    /// <summary>A 422 that names exactly these fields.</summary>
    public void Invalid(params string[] fields) =>
        Assert.Equal(fields.Order(), Problem(422, "validation").GetProperty("errors").EnumerateObject().Select(f => f.Name).Order());

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;
}
