using System.Text.Json;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class PeopleCallsTests(RunningApp app) : IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Find_ByEmailIdCodeAndName_FindsThem()
    {
        var entry = await _api.Waiting("find.me@example.com");
        var member = await _api.Member("find-member@example.com");
        var code = member.GetProperty("codes")[0].GetProperty("code").GetString()!;

        foreach (var (query, id) in ((string, string)[])[("find.me+tag@example.com", entry.GetProperty("id").GetString()!), ("FIND.ME@Example.com", entry.GetProperty("id").GetString()!),
            (entry.GetProperty("id").GetString()!, entry.GetProperty("id").GetString()!), ("find-member@example.com", member.GetProperty("userId").GetString()!),
            (code.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal), member.GetProperty("userId").GetString()!)])
        {
            var found = (await _api.Get($"/people?query={Uri.EscapeDataString(query)}")).Expect(200).GetProperty("data");
            Assert.True(found.GetArrayLength() == 1 && found[0].GetProperty("id").GetString() == id, $"{query}: {found}");
        }

        Assert.Equal(0, (await _api.Get("/people?query=nobody%40example.com")).Expect(200).GetProperty("data").GetArrayLength());
        Assert.Equal("waiting", (await _api.Get("/people?query=find.me%40example.com")).Expect(200).GetProperty("data")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Find_BadInput_NamesTheField()
    {
        (await _api.Get("/people")).Invalid("query");
        (await _api.Get("/people?query=%20")).Invalid("query");
        (await _api.Get($"/people?query={new string('x', 400)}")).Invalid("query");
        (await _api.Get("/people?query=a&limit=201")).Invalid("limit");
        (await _api.Get("/people?query=a&limit=x")).Invalid("limit");
        (await _api.Get("/people?query=a&cursor=x")).Invalid("cursor");
        (await _api.Get($"/people?query=a&cursor={new string('x', 500)}")).Invalid("cursor");
    }

    /// <summary>Pages are by key: who comes between two of them stands behind, and nobody is skipped or shown twice.</summary>
    [Fact]
    public async Task Paging_PeopleAndCohortsWhileOthersAreWritten_SkipsAndRepeatsNobody()
    {
        var tag = Guid.NewGuid().ToString("N")[..8];
        var code = (await _api.Post("/campaigns", new { name = "Paging", count = 1, maxUsesEach = 100 })).Expect(201).GetProperty("codes")[0].GetString()!;
        for (var i = 0; i < 7; i++) await Redeem(i);
        var before = (await All($"/people?query={code}&limit=100")).Order().ToArray();
        Assert.Equal(7, before.Length);

        var added = 7;
        var seen = await All($"/people?query={code}&limit=2", () => Redeem(added++));
        Assert.Equal(seen.Distinct().Count(), seen.Count);
        Assert.Empty(before.Except(seen));

        for (var i = 0; i < 5; i++) await Cohort(i);
        var cohorts = await All("/cohorts?limit=200");
        added = 5;
        var paged = await All("/cohorts?limit=2", () => Cohort(added++), most: 3);
        Assert.Equal(cohorts.Take(paged.Count), paged);

        // A cursor is of its list and query alone.
        var ofPeople = (await _api.Get($"/people?query={code}&limit=2")).Expect(200).GetProperty("nextCursor").GetString();
        (await _api.Get($"/cohorts?cursor={ofPeople}")).Invalid("cursor");
        (await _api.Get($"/people?query=other&cursor={ofPeople}")).Invalid("cursor");
        (await _api.Get($"/people?query={code}&cursor={(await _api.Get("/cohorts?limit=1")).Expect(200).GetProperty("nextCursor").GetString()}")).Invalid("cursor");

        async Task Redeem(int i) => (await _api.Post("/redemptions", new { code, email = $"page-{tag}-{i}@example.com", name = "Ann" })).Expect(201);

        async Task Cohort(int i)
        {
            await _api.Waiting($"cohort-{tag}-{i}@example.com");
            (await _api.Post("/cohorts", new { count = 1 })).Expect(201);
        }
    }

    [Fact]
    public async Task Export_OfAMember_HoldsWhatIsKnown()
    {
        var entry = await _api.Waiting("exported@example.com");
        var friend = await _api.Waiting("exported-friend@example.com", entry.GetProperty("referralToken").GetString());
        var member = await _api.Member("exported@example.com");

        var held = (await _api.Get($"/people/{entry.GetProperty("id").GetString()}/export")).Expect(200);
        Assert.Equal("exported@example.com", held.GetProperty("entry").GetProperty("email").GetString());
        Assert.Equal(member.GetProperty("userId").GetString(), held.GetProperty("member").GetProperty("userId").GetString());
        Assert.Equal(3, held.GetProperty("codes").GetArrayLength());
        Assert.Equal(5, held.GetProperty("points").EnumerateArray().Sum(p => p.GetProperty("points").GetInt32()));
        Assert.NotEqual(0, held.GetProperty("mails").GetArrayLength());
        Assert.Equal(held.ToString().Length, (await _api.Get($"/people/{member.GetProperty("userId").GetString()}/export")).Expect(200).ToString().Length, tolerance: 400);
        Assert.DoesNotContain(entry.GetProperty("statusLink").GetString()!.Split('/')[^1], held.ToString(), StringComparison.Ordinal);
        Assert.True(await app.Database.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM audit_log WHERE action = 'person.exported' AND target_id = '{entry.GetProperty("id").GetString()}')"));
        Assert.Equal(entry.GetProperty("id").GetString(), (await _api.Get($"/people/{friend.GetProperty("id").GetString()}/export")).Expect(200).GetProperty("entry").GetProperty("referredBy").GetString());
        (await _api.Get("/people/usr_nobody/export")).Problem(404, "not-found");
    }

    [Fact]
    public async Task Erase_OfAMemberAndOfAnEntry_LeavesNoTraceOfTheirAddressAndEveryCountRight()
    {
        var referrer = await _api.Member("erased-referrer@example.com");
        var code = referrer.GetProperty("codes")[0].GetProperty("code").GetString()!;
        var entry = (await _api.Post("/waitlist", new { email = "erased+one@example.com", name = "Erica Erased", emailVerified = true }, "erase-join")).Expect(201);
        var member = (await _api.Post("/redemptions", new { code, email = "erased+one@example.com", name = "Erica Erased", emailVerified = true }, "erase-redeem")).Expect(201);
        var (id, userId) = (entry.GetProperty("id").GetString()!, member.GetProperty("userId").GetString()!);
        var given = member.GetProperty("codes")[0].GetProperty("code").GetString()!;
        await app.Database.Scalar<long>($"INSERT INTO notes (entry_id, text, author_id, author_name, request_key) SELECT id, 'Erica rang.', '1', 'Ann', 'erase' FROM waitlist_entries WHERE public_id = '{id}' RETURNING id");
        await app.Database.Scalar<long>($"WITH m AS (INSERT INTO mailbox (outbox_id, message_id, recipient, subject, html, text) SELECT o.id, 'm', o.recipient, 'Hi Erica', 'Erica', 'Erica' FROM outbox o JOIN members m ON m.id = o.member_id WHERE m.public_id = '{userId}' ON CONFLICT (outbox_id) DO UPDATE SET subject = 'Hi Erica' RETURNING 1) SELECT count(*) FROM m");

        var erased = (await _api.Delete($"/people/{userId}")).Expect(200);
        Assert.True(erased.GetProperty("codesEnded").GetInt32() == 3 && erased.GetProperty("notesDeleted").GetInt32() == 1 && erased.GetProperty("mailsCleared").GetInt32() >= 1, erased.ToString());
        Assert.Equal(erased.GetProperty("erasedAt").GetString(), (await _api.Delete($"/people/{id}")).Expect(200).GetProperty("erasedAt").GetString());

        Assert.Empty(await Traces("erased+one", "Erica", "erased\\u002Bone"));
        Assert.Equal(1, (await _api.Get($"/members/{referrer.GetProperty("userId").GetString()}")).Expect(200).GetProperty("referrals").GetInt32());
        (await _api.Get($"/waitlist/{entry.GetProperty("statusLink").GetString()!.Split('/')[^1]}")).Problem(404, "token-unknown");
        Assert.Equal("revoked", (await _api.Get($"/codes/{given}")).Expect(200).GetProperty("reason").GetString());
        Assert.Equal(0, (await _api.Get("/people?query=erased%2Bone%40example.com")).Expect(200).GetProperty("data").GetArrayLength());
        // The first answer is gone, but its effect is not done again.
        Assert.Equal(201, (int)(await Raw("/redemptions", new { code, email = "erased+one@example.com", name = "Erica Erased", emailVerified = true }, "erase-redeem")).StatusCode);

        // Whoever comes back under the address is held: nothing is mailed.
        var back = (await _api.Post("/waitlist", new { email = "erased+one@example.com", name = "Erica Again", emailVerified = true })).Expect(201);
        Assert.Equal("suppressed", await app.Database.Scalar<string>($"SELECT hold FROM waitlist_entries WHERE public_id = '{back.GetProperty("id").GetString()}'"));
        (await _api.Delete($"/people/{back.GetProperty("id").GetString()}")).Expect(200);

        // One who was invited: the invitation ends and the seat is free.
        var invited = await _api.Waiting("erased-invited@example.com");
        (await _api.Post("/cohorts", new { count = 200 })).Expect(201);
        (await _api.Delete($"/people/{invited.GetProperty("id").GetString()}")).Expect(200);
        Assert.Equal("declined erased 0", await app.Database.Scalar<string>($"SELECT e.status || ' ' || e.decline_reason || ' ' || (SELECT count(*) FROM invite_codes c WHERE c.entry_id = e.id AND c.status = 'active') FROM waitlist_entries e WHERE e.public_id = '{invited.GetProperty("id").GetString()}'"));
        Assert.Empty(await Traces("erased-invited@"));
        (await _api.Delete("/people/wl_nobody")).Problem(404, "not-found");
        Assert.Equal(0, await app.Database.Scalar<decimal>("SELECT sum(violations) FROM invariant_check"));
    }

    public void Dispose() => _api.Dispose();

    // Not by the client, which checks that an answer of 201 has its fields: this one has none any more.
    private async Task<HttpResponseMessage> Raw(string path, object body, string key)
    {
        using var http = app.NewHttpClient();
        return await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1" + path)
        {
            Content = new StringContent(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), System.Text.Encoding.UTF8, "application/json"),
            Headers = { { "Authorization", $"Bearer {_api.Key}" }, { "Idempotency-Key", key } },
        });
    }

    /// <summary>Every row of every table that holds one of these texts, bytes too.</summary>
    private async Task<IReadOnlyList<string>> Traces(params string[] needles)
    {
        var tables = await app.Database.Scalar<string[]>("SELECT array_agg(quote_ident(relname) ORDER BY relname) FROM pg_stat_user_tables WHERE schemaname = 'public'");
        var found = new List<string>();
        foreach (var table in tables)
            foreach (var needle in needles)
            {
                var test = table == "idempotency_keys" ? "position(convert_to(@n, 'UTF8') IN coalesce(t.body, '')) > 0" : "position(@n IN t::text) > 0";
                await using var command = app.Database.Source.CreateCommand($"SELECT count(*) FROM {table} t WHERE {test}");
                command.Parameters.AddWithValue("n", needle);
                if ((long)(await command.ExecuteScalarAsync())! > 0) found.Add($"{table}: {needle}");
            }

        return found;
    }

    private async Task<List<string>> All(string path, Func<Task>? between = null, int most = 100)
    {
        var (ids, cursor) = (new List<string>(), (string?)null);
        for (var page = 0; page < most && (page == 0 || cursor is not null); page++)
        {
            var answer = (await _api.Get(path + (cursor is null ? "" : $"&cursor={cursor}"))).Expect(200);
            ids.AddRange(answer.GetProperty("data").EnumerateArray().Select(p => p.GetProperty("id").GetString()!));
            cursor = answer.GetProperty("nextCursor").GetString();
            if (between is not null) await between();
        }

        return ids;
    }
}
