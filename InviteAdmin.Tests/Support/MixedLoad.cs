using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;

namespace InviteAdmin.Tests.Support;

/// <summary>What a client was told: which call, what it sent, and the answer.</summary>
public sealed record Told(string Call, JsonElement Sent, JsonElement Answer)
{
    public string Text(string field) => Answer.GetProperty(field).GetString()!;

    public string SentText(string field) => Sent.GetProperty(field).GetString()!;
}

/// <summary>
/// Clients that join, confirm, redeem and release without a pause, each call with an Idempotency-Key and repeated with the same
/// key, at the next door, until it is answered. What they were told is kept for <see cref="OutsideCheck"/>.
/// </summary>
public sealed class MixedLoad : IAsyncDisposable
{
    /// <summary>No request may hang longer.</summary>
    public static readonly TimeSpan MostPerRequest = TimeSpan.FromSeconds(10);

    private const int Clients = 5;
    private readonly List<HttpClient> _doors;
    private readonly long[] _servedByDoor;
    private readonly bool[] _ready;
    private readonly NpgsqlDataSource _database;
    private readonly CancellationTokenSource _enough = new();
    private readonly ConcurrentQueue<string> _personal = new();
    private readonly List<Task> _running = [];
    private readonly int _seed;
    private int _turn;
    private int _people;
    private int _longest;

    /// <param name="doors">The processes.</param>
    /// <param name="database">Only to read what a person would read in a mail: tokens and codes.</param>
    public MixedLoad(IEnumerable<Uri> doors, NpgsqlDataSource database)
    {
        _doors = [.. doors.Select(AppCluster.NewClient)];
        _servedByDoor = new long[_doors.Count];
        _ready = [.. _doors.Select(_ => true)];
        _database = database;
        _seed = Environment.TickCount;
        foreach (var door in _doors) door.Timeout = 2 * MostPerRequest;
    }

    public ConcurrentQueue<Told> Acknowledged { get; } = new();

    /// <summary>Answers that no client should get: a 5xx other than 503 with Retry-After, or none at all.</summary>
    public ConcurrentQueue<string> Wrong { get; } = new();

    /// <summary>Requests that took longer than <see cref="MostPerRequest"/>, which no absence of the database excuses.</summary>
    public ConcurrentQueue<string> Slow { get; } = new();

    /// <summary>How often nobody listened: a client may then go to the next door without a thought.</summary>
    public int Refused;

    /// <summary>How often a connection ended before the answer.</summary>
    public int Cut;

    public string LastCut = "";

    /// <summary>How often the answer was 503 with Retry-After.</summary>
    public int Unavailable;

    public string Summary => $"seed {_seed}; {Acknowledged.Count} acknowledged, {Refused} refused, {Cut} cut, {Unavailable} × 503, slowest {_longest} ms";

    /// <summary>Mints what is redeemed and lets the clients go.</summary>
    /// <param name="balanced">Whether something like a load balancer looks every 200 ms which doors are ready, and sends nobody to another.</param>
    public async Task Begin(int clients = Clients, bool balanced = false)
    {
        if (balanced) _running.AddRange(_doors.Select((_, door) => Watch(door)));
        var campaign = await Call("campaigns", new { name = "Load", count = 1, maxUsesEach = 1_000_000 });
        var code = campaign!.Answer.GetProperty("codes")[0].GetString()!;
        for (var i = 0; i < clients; i++) _running.Add(Client(new Random(_seed + i), code));
    }

    /// <summary>Returns when every door has answered so many more calls well: how long that took.</summary>
    public async Task<TimeSpan> Served(int perDoor = 3, params int[] only)
    {
        var clock = Stopwatch.StartNew();
        var before = _servedByDoor.ToArray();
        await WaitFor.True(() => Task.FromResult(before.Select((n, i) => (only.Length > 0 && !only.Contains(i)) || Volatile.Read(ref _servedByDoor[i]) >= n + perDoor).All(x => x)), TimeSpan.FromSeconds(90));
        return clock.Elapsed;
    }

    /// <summary>No new calls; those that wait for an answer get one.</summary>
    public async Task End()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync()
    {
        await End();
        foreach (var door in _doors) door.Dispose();
        _enough.Dispose();
    }

    private async Task Watch(int door)
    {
        for (; !_enough.IsCancellationRequested; await Task.Delay(200))
        {
            try
            {
                using var response = await _doors[door].GetAsync("/healthz/ready");
                _ready[door] = response.IsSuccessStatusCode;
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException)
            {
                _ready[door] = false;
            }
        }
    }

    private async Task Client(Random random, string campaign)
    {
        while (!_enough.IsCancellationRequested)
        {
            var n = Interlocked.Increment(ref _people);
            switch (random.Next(20))
            {
                case < 8:
                    await Join(n, random);
                    break;
                case < 11:
                    await Call("redemptions", new { code = campaign, email = $"member-{n}@example.com", name = "Ann" });
                    break;
                case < 15:
                    var code = _personal.TryDequeue(out var given) ? given : await Read("SELECT shown FROM invite_codes WHERE kind = 'waitlist' AND status = 'active' AND used_count = 0 ORDER BY random() LIMIT 1");
                    if (code is not null) await Call("redemptions", new { code, email = $"friend-{n}@example.com", name = "Ben" });
                    break;
                case < 16:
                    await Call("cohorts", new { count = random.Next(1, 6) });
                    break;
                default:
                    if (await Read("SELECT confirm_token FROM waitlist_entries WHERE status = 'unconfirmed' ORDER BY random() LIMIT 1") is { } token) await Call("waitlist/confirm", new { token });
                    break;
            }

            // A client thinks for a moment, or two cores would do nothing but answer.
            await Task.Delay(random.Next(20, 60));
        }
    }

    private async Task Join(int n, Random random)
    {
        var referral = random.Next(3) == 0 && Acknowledged.LastOrDefault(t => t.Call == "waitlist") is { } friend ? friend.Text("referralToken") : null;
        await Call("waitlist", new { email = $"person-{n}@example.com", name = "Cora", referral, emailVerified = random.Next(2) == 0 });
    }

    /// <summary>Null when it was refused, which a used code is.</summary>
    private async Task<Told?> Call(string path, object body)
    {
        var sent = JsonSerializer.SerializeToElement(body, JsonSerializerOptions.Web);
        var key = Guid.NewGuid().ToString("N");
        for (var given = Stopwatch.StartNew(); ;)
        {
            var door = Interlocked.Increment(ref _turn) % _doors.Count;
            if (!_ready[door] && _ready.Any(r => r)) continue;
            var clock = Stopwatch.StartNew();
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(sent) };
                request.Headers.Add("Idempotency-Key", key);
                using var response = await _doors[door].SendAsync(request);
                var text = await response.Content.ReadAsStringAsync();
                NoteTime(clock.Elapsed, path);
                if (response.IsSuccessStatusCode)
                {
                    Interlocked.Increment(ref _servedByDoor[door]);
                    return Keep(new Told(path, sent, JsonDocument.Parse(text).RootElement));
                }

                if (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null) Interlocked.Increment(ref Unavailable);
                else if ((int)response.StatusCode >= 500) Wrong.Enqueue($"{path}: {(int)response.StatusCode} {text}");
                else if (response.StatusCode != HttpStatusCode.Conflict || !text.Contains("idempotency-in-flight", StringComparison.Ordinal)) return null;
            }
            catch (HttpRequestException refused) when (refused.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                Interlocked.Increment(ref Refused);
            }
            catch (Exception cut) when (cut is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref Cut);
                LastCut = cut.GetBaseException().Message;
            }
            catch (TaskCanceledException)
            {
                NoteTime(clock.Elapsed, path);
            }

            if (given.Elapsed > TimeSpan.FromMinutes(3))
            {
                Wrong.Enqueue($"{path}: never answered");
                return null;
            }

            await Task.Delay(100);
        }
    }

    private Told Keep(Told told)
    {
        Acknowledged.Enqueue(told);
        if (told.Call == "redemptions")
            foreach (var code in told.Answer.GetProperty("codes").EnumerateArray()) _personal.Enqueue(code.GetProperty("code").GetString()!);
        return told;
    }

    private void NoteTime(TimeSpan took, string path)
    {
        InterlockedMax(ref _longest, (int)took.TotalMilliseconds);
        if (took > MostPerRequest) Slow.Enqueue($"{path}: took {took.TotalSeconds:0.0} s");
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen; seen = most) { }
    }

    private async Task<string?> Read(string sql)
    {
        try
        {
            await using var command = _database.CreateCommand(sql);
            return await command.ExecuteScalarAsync(_enough.Token) as string;
        }
        catch (Exception away) when (away is NpgsqlException or OperationCanceledException)
        {
            return null;
        }
    }
}
