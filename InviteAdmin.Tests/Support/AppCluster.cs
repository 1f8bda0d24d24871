using System.Net.Http.Json;
using System.Text.Json;

namespace InviteAdmin.Tests.Support;

/// <summary>A class fixture: two processes of the app on one fresh database, called over HTTP with a key of all scopes.</summary>
public sealed class AppCluster : IAsyncLifetime
{
    internal const string Key = "dev_testsonly0123456789abcdefghi";
    private readonly List<AppProcess> _apps = [];
    private readonly List<HttpClient> _clients = [];
    private int _turn;

    public FreshDatabase Database { get; } = new();

    public IReadOnlyList<AppProcess> Apps => _apps;

    /// <summary>What the processes of a cluster are started with: limits far away, since these tests ask for races and not for limits.</summary>
    public static Dictionary<string, string> Settings(FreshDatabase database) => new(database.Settings)
    {
        // Hundreds at once wait for a few dozen connections, on a machine that does other things besides.
        ["ConnectionStrings__Postgres"] = database.Postgres + ";Timeout=60;Command Timeout=60",
        ["Limits__RequestSeconds"] = "60",
        ["Demo__Load"] = "false",
        ["Api__DevelopmentKey"] = Key,
        ["Limits__KeyPerMinute"] = "10000000",
        ["Limits__AnonymousPerMinute"] = "10000000",
    };

    public static HttpClient NewClient(Uri address)
    {
        // A connection is left before it has been idle as long as a stopping server waits, as load balancers are set.
        var client = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) }) { BaseAddress = new Uri(address, "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        return client;
    }

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        await Grow(2);
    }

    /// <summary>Starts processes until there are so many.</summary>
    public async Task Grow(int count)
    {
        while (_apps.Count < count)
        {
            var app = await AppProcess.Start(Settings(Database));
            _apps.Add(app);
            _clients.Add(NewClient(app.Address));
        }
    }

    /// <summary>Posts to the processes in turn.</summary>
    public Task<Answer> Post(string path, object body) => PostTo(Interlocked.Increment(ref _turn), path, body);

    public async Task<Answer> PostTo(int app, string path, object body)
    {
        using var response = await _clients[app % _clients.Count].PostAsJsonAsync(path, body);
        return new((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async Task Execute(string sql)
    {
        await using var command = Database.Source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The invariants that are violated now, which must be none.</summary>
    public Task<string> Violations() => Database.Scalar<string>("SELECT coalesce(string_agg(invariant, '; '), '') FROM invariant_check WHERE violations <> 0");

    public async Task DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        foreach (var app in _apps) await app.DisposeAsync();
        await Database.DisposeAsync();
    }
}

/// <summary>A status and a JSON body.</summary>
public sealed record Answer(int Status, JsonElement Body)
{
    /// <summary>The slug of a problem, like code-exhausted; empty for an answer that is none.</summary>
    public string Problem => Body.TryGetProperty("type", out var type) ? type.GetString()!["/problems/".Length..] : "";
}
