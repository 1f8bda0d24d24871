using System.Globalization;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Benchmarks;

/// <summary>Joins and redemptions a second with 1 to 256 callers, in process and over HTTP, in turn with pgbench doing the same durable work one by one.</summary>
internal static class RateFigures
{
    private static long _number;

    public static Task Joins(Lab lab) => Compare(lab, "join", "Joins", lab.Chosen("at", lab.Short ? [10_000] : [10_000, 1_000_000, 10_000_000]), "join.sql", "/api/v1/waitlist", async (launch, people) =>
    {
        await launch.Execute("CREATE SEQUENCE limit_run");
        return new Work(
            n => launch.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Lab.Key, new JoinRequest($"new-{n}@example.com", "Ben Example", null, Referral(n, people)), CancellationToken.None)).Must(),
            n => $$"""{"email":"web-{{n}}@example.com","name":"Ben Example","referral":"{{Referral(n, people)}}"}""");
    });

    public static Task Redemptions(Lab lab) => Compare(lab, "redeem", "Redemptions of personal codes", lab.Chosen("at", lab.Short ? 200_000 : 1_000_000), "redeem.sql", "/api/v1/redemptions", async (launch, members) =>
    {
        await launch.Execute("CREATE SEQUENCE limit_run");
        await launch.FillMembers(members);
        // Odd codes are ours, even ones pgbench's.
        return new Work(
            n => launch.Do<RedeemInvite, Outcome<RedeemAnswer>>(r => r.One(Lab.Key, new RedeemRequest(Code(n), $"new-{n}@member.example", "Ben Example", true), CancellationToken.None)).Must(),
            n => $$"""{"code":"{{Code(n)}}","email":"web-{{n}}@member.example","name":"Ben Example","emailVerified":true}""");

        static string Code(long n) => string.Create(CultureInfo.InvariantCulture, $"C{(2 * n) + 1:D11}");
    }, waiting: 10_000);

    public static Task HotCode(Lab lab) => Compare(lab, "hot-code", "Redemptions of one public code", [10_000], "hot.sql", "/api/v1/redemptions", async (launch, _) =>
    {
        await launch.Execute("CREATE SEQUENCE limit_run");
        await launch.Execute("INSERT INTO invite_codes (code, shown, kind, person_name, max_uses) VALUES ('H0TC0DE', 'HOTCODE', 'vip', 'Launch', 100000000)");
        return new Work(
            n => launch.Do<RedeemInvite, Outcome<RedeemAnswer>>(r => r.One(Lab.Key, new RedeemRequest("HOTCODE", $"new-{n}@member.example", "Ben Example", true), CancellationToken.None)).Must(),
            n => $$"""{"code":"HOTCODE","email":"web-{{n}}@member.example","name":"Ben Example","emailVerified":true}""");
    });

    // One round: each size in turn, and of each size pgbench, in process, HTTP. So a busy machine is busy for all of them.
    private static async Task Compare(Lab lab, string name, string title, int[] sizes, string script, string path, Func<Launch, int, Task<Work>> prepare, int? waiting = null)
    {
        var (rounds, time, callers) = lab.Short ? (2, TimeSpan.FromSeconds(3), lab.Chosen("callers", 32, 256)) : (3, TimeSpan.FromSeconds(4), lab.Chosen("callers", 1, 8, 32, 128, 256));
        var launches = new List<(int Size, Launch Launch, Work Work, ServedApp App)>();
        foreach (var size in sizes)
        {
            var launch = waiting is null && script == "join.sql" ? await lab.Waiting(size) : await lab.NewLaunch(waiting ?? size);
            var work = await prepare(launch, size);
            launches.Add((size, launch, work, await lab.Serve(launch)));
            await Still(launches[^1].App);
            await Warm(launches[^1].App, work);
        }

        Figures.Say("| at | callers | pgbench, /s | in process, /s | ratio | HTTP, /s | ratio | n each |\n|---|---|---|---|---|---|---|---|");
        var said = new List<string>();
        var bars = new List<(int Size, int Callers, double[] Rates)>();
        foreach (var count in callers)
        {
            var rates = launches.ToDictionary(l => l.Size, _ => (Limit: new List<double>(), Ours: new List<double>(), Http: new List<double>()));
            for (var round = -1; round < rounds; round++)
            {
                foreach (var (size, launch, work, app) in launches)
                {
                    await Quiet(launch);
                    var limit = await Pgbench.Rate(launch.Connection, script, count, time, ("people", size));
                    await lab.Profile("pgbench");
                    await Quiet(launch);
                    var cpu = new Cpu(lab.Cluster);
                    var ours = await Callers.Rate(count, time, _ => () => work.Call(Next()));
                    if (round == rounds - 1) said.Add(string.Create(CultureInfo.InvariantCulture, $"- {size:N0}, {count} callers, in process: {cpu.Say(ours * time.TotalSeconds)}"));
                    await lab.Profile("in process");
                    await Quiet(launch);
                    await app.Thaw();
                    var http = await Callers.Rate(count, time, _ => Over(app, work));
                    await lab.Profile("HTTP");
                    await Quiet(launch);
                    await Still(app);
                    if (round < 0) continue;
                    rates[size].Limit.Add(limit);
                    rates[size].Ours.Add(ours);
                    rates[size].Http.Add(http);
                }
            }

            foreach (var (size, (limit, ours, http)) in rates)
            {
                bars.Add((size, count, [Figures.Median(limit), Figures.Median(ours), Figures.Median(http)]));
                Figures.Say(string.Create(CultureInfo.InvariantCulture,
                    $"| {size:N0} | {count} | {Figures.Whole(limit)} | {Figures.Whole(ours)} | {Figures.Ratio(ours, limit)} | {Figures.Whole(http)} | {Figures.Ratio(http, limit)} | {rounds} |"));
            }
        }

        Figures.Say($"\nOf the cores' time:\n\n{string.Join('\n', said)}");
        if (lab.Charts is { } folder)
        {
            var shown = sizes.Contains(1_000_000) ? 1_000_000 : sizes[0];
            await Chart.Write(Path.Combine(folder, $"performance-{name}.svg"), title, ["PostgreSQL, one by one", "in process", "over HTTP"],
                [.. bars.Where(b => b.Size == shown).Select(b => (b.Callers.ToString(CultureInfo.InvariantCulture), b.Rates))]);
        }

        // With a key, its limit, and an idempotency key of its own for each request, as a signup form sends them.
        Func<Task> Over(ServedApp app, Work work)
        {
            var caller = new HttpCaller(app.Address, path, ServedApp.Key);
            return () =>
            {
                var n = Next();
                return caller.Post(work.Body(n), string.Create(CultureInfo.InvariantCulture, $"rate-{n}"));
            };
        }

        // A server that was started a moment ago compiles what it runs; what is asked for is the rate of one that has served for a while.
        async Task Warm(ServedApp app, Work work)
        {
            await app.Thaw();
            await Callers.Rate(32, lab.Short ? time : TimeSpan.FromSeconds(20), _ => Over(app, work));
            await Still(app);
        }

        // The app delivers and counts what it finds; what the others left would be counted against it.
        static Task Quiet(Launch launch) => launch.Execute("TRUNCATE outbox, insight_changes, leaderboard_changes CASCADE");

        // Its queue is empty, so that a moment later it holds no lock.
        static async Task Still(ServedApp app)
        {
            await Task.Delay(500);
            await app.Freeze();
        }
    }

    private static long Next() => Interlocked.Increment(ref _number);

    // Referrers are spread over the whole list, as they are in life.
    private static string Referral(long n, int people) => string.Create(CultureInfo.InvariantCulture, $"r{1 + (int)((uint)(n * 2_654_435_761L) % people):D25}");

    private static async Task Must<T>(this Task<Outcome<T>> outcome) => (await outcome).Must();

    private sealed record Work(Func<long, Task> Call, Func<long, string> Body);
}
