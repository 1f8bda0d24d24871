using System.Globalization;
using InviteAdmin.Redis;
using InviteAdmin.Referrals;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Benchmarks;

/// <summary>What people look at: a rank among millions with Redis and without, the leaderboard, a chain of referrals.</summary>
internal static class LookUpFigures
{
    private const string Head = "| | median, ms | p99, ms | n |\n|---|---|---|---|";

    public static async Task Ranks(Lab lab)
    {
        Figures.Say(Head);
        foreach (var people in lab.Chosen("at", lab.Short ? [100_000] : [1_000_000, 10_000_000]))
        {
            var filled = await lab.Waiting(people);
            var board = filled.One<RankBoard>();
            await Show($"rank among {Text(people)}, Redis down", lab.Short ? 50 : 100, n => board.Of(EntryStatus.Waiting, 5 * (n % 97), 1 + (n * 7_919L % people), CancellationToken.None).AsTask());
            var withRedis = await lab.Beside(filled);
            var follower = withRedis.One<RankFollower>();
            do
            {
                // Builds the set, which may take longer than an answer may be old; the step after it says that the set is fresh.
                await follower.Step(CancellationToken.None);
            }
            while (await follower.Step(CancellationToken.None) != 0);

            board = withRedis.One<RankBoard>();
            await Show($"rank among {Text(people)}, Redis", 5_000, n => board.Of(EntryStatus.Waiting, 5 * (n % 97), 1 + (n * 7_919L % people), CancellationToken.None).AsTask());
        }
    }

    public static async Task Leaderboard(Lab lab)
    {
        var members = lab.Short ? 100_000 : 1_000_000;
        var launch = await lab.NewLaunch(0);
        await launch.Execute($"INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals) SELECT 'usr_' || i, i || '@member.example', i || '@member.example', 'Ann Example', 3, CASE WHEN i % 20 = 0 THEN i % 211 ELSE 0 END FROM generate_series(1, {members}) i");
        await launch.Execute("VACUUM ANALYZE members");
        Figures.Say(Head);
        await Show($"leaderboard, top 100 of {Text(members)} members", 500, _ => launch.One<ReferralQueries>().Leaderboard(100, CancellationToken.None));
    }

    public static async Task Chains(Lab lab)
    {
        var launch = await lab.NewLaunch(0);
        Figures.Say(Head);
        foreach (var (root, nodes) in ((string, int)[])[("a", 1_000), ("b", 50_000)])
        {
            // Everybody brings three, level by level.
            await launch.Execute($"INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals) SELECT 'usr_{root}' || i, '{root}' || i || '@member.example', '{root}' || i || '@member.example', 'Ann Example', 3, 3 FROM generate_series(0, {nodes}) i");
            await launch.Execute($"INSERT INTO referrals (referrer_member_id, referred_member_id, status) SELECT u.id, d.id, 'credited' FROM generate_series(1, {nodes}) i JOIN members d ON d.public_id = 'usr_{root}' || i JOIN members u ON u.public_id = 'usr_{root}' || (i - 1) / 3");
            await launch.Execute("VACUUM ANALYZE members, referrals");
            await Show($"chain of {Text(nodes)}, nearest 1,000", 200, _ => launch.One<ReferralQueries>().Chain($"usr_{root}0", 100, CancellationToken.None));
            await Show($"chain of {Text(nodes)}, one person's own", 500, n => launch.One<ReferralQueries>().Chain($"usr_{root}{n % 300}", 1, CancellationToken.None));
        }
    }

    internal static async Task Show(string what, int count, Func<int, Task> ask)
    {
        var times = new List<double>();
        for (var n = -count / 10; n < count; n++)
        {
            var time = await Figures.Time(() => ask(Math.Abs(n)));
            if (n >= 0) times.Add(time);
        }

        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {what} | {Figures.Tail(times)} | {count:N0} |"));
    }

    private static string Text(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
