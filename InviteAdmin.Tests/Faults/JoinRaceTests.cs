using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Faults;

/// <summary>Joins that meet: two processes on one database, over HTTP.</summary>
[Collection(LoadCollection.Name)]
public sealed class JoinRaceTests(AppCluster cluster) : IClassFixture<AppCluster>
{
    private const int Joins = 2_000;
    private const int Clients = 100;
    private const int People = Joins * 4 / 5;
    private const string Theirs = "e.canonical_email LIKE 'person%@gmail.com'";

    [Fact]
    public async Task Joins_2000By100ClientsOneInFiveADuplicate_OneEntryAndOneCreditEach()
    {
        var hub = await cluster.Post("waitlist", new { email = "hub@example.com", name = "Hub", emailVerified = true });
        var referral = hub.Body.GetProperty("referralToken").GetString();
        // Whoever asks twice does so at about the same time, through the other process.
        var asked = Enumerable.Range(0, People).SelectMany(i => i % 4 == 0 ? [$"person.{i}@gmail.com", Again(i)] : (string[])[$"person.{i}@gmail.com"]).ToArray();
        Assert.Equal(Joins, asked.Length);

        var next = -1;
        var statuses = new int[Joins];
        await Race.Of(Clients, async client =>
        {
            for (int n; (n = Interlocked.Increment(ref next)) < Joins;)
                statuses[n] = (await cluster.PostTo(n, "waitlist", new { email = asked[n], name = "Ann Example", referral, emailVerified = true })).Status;
            return client;
        });

        Assert.Equal((People, Joins - People), (statuses.Count(s => s == 201), statuses.Count(s => s == 200)));
        Assert.Equal((People, People), (await Count("waitlist_entries e"), await cluster.Database.Scalar<long>($"SELECT count(DISTINCT position) FROM waitlist_entries e WHERE {Theirs}")));
        Assert.Equal(People, await Count("waitlist_entries e JOIN points_ledger l ON l.entry_id = e.id AND l.kind = 'arrived'"));
        Assert.Equal(People, await Count("waitlist_entries e JOIN points_ledger l ON l.cause = 'entry:' || e.id AND l.kind = 'brought'"));
        Assert.Equal(5 * People, await cluster.Database.Scalar<int>("SELECT points FROM waitlist_entries WHERE email = 'hub@example.com'"));
        Assert.Empty(await cluster.Violations());
    }

    [Fact]
    public async Task Confirmations_OneTokenTenTimesAtOnce_OneCredit()
    {
        const int Tokens = 50;
        var hub = await cluster.Post("waitlist", new { email = "confirmhub@example.com", name = "Hub", emailVerified = true });
        var referral = hub.Body.GetProperty("referralToken").GetString();
        for (var i = 0; i < Tokens; i++) await cluster.Post("waitlist", new { email = $"confirm-{i}@example.com", name = "Ann", referral });
        var tokens = (await cluster.Database.Scalar<string[]>("SELECT array_agg(confirm_token) FROM waitlist_entries WHERE email LIKE 'confirm-%'"))!;
        var answers = await Race.Of(Tokens * 10, i => cluster.Post("waitlist/confirm", new { token = tokens[i % Tokens] }));
        Assert.All(answers, a => Assert.Equal(200, a.Status));
        Assert.Equal(5 * Tokens, await cluster.Database.Scalar<int>("SELECT points FROM waitlist_entries WHERE email = 'confirmhub@example.com'"));
        Assert.Empty(await cluster.Violations());
    }

    private static string Again(int i) => (i / 4 % 3) switch
    {
        0 => $"PERSON.{i}@GMail.com",
        1 => $"p.e.r.son{i}@gmail.com",
        _ => $"person{i}+list@googlemail.com",
    };

    private Task<long> Count(string what) => cluster.Database.Scalar<long>($"SELECT count(*) FROM {what} WHERE {Theirs}");
}
