using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Outbox;

/// <summary>Suppressions: who makes them, who lifts them, and that nothing leaves once one has committed.</summary>
public sealed class UnsubscribeTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private readonly SmtpServer _server = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, ("Mail:Channel", "smtp"), ("Mail:Smtp:Host", "127.0.0.1"), ("Mail:Smtp:Port", _server.Port.ToString(CultureInfo.InvariantCulture)), ("Mail:Smtp:StartTls", "false"),
            ("Mail:UnsubscribeMailto", "stop@example.com"), ("Rollout:UndoSeconds", "0"));
    }

    [Fact]
    public async Task Invitation_CarriesTheOneClickHeaders_AndTheLinkInTextAndHtml()
    {
        await _product.Waiting("ann@example.com");
        await _product.Release(1);
        await Drain();
        var mail = _server.Taken.Single(m => m.Contains("Subject: Your invitation", StringComparison.Ordinal));
        var token = await Token("ann@example.com");
        Assert.Contains($"\r\nList-Unsubscribe: <https://invite.example.com/unsubscribe/{token}>,\r\n <mailto:stop@example.com?subject=unsubscribe>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", mail, StringComparison.Ordinal);
        Assert.Equal(2, mail.Replace("=\r\n", "", StringComparison.Ordinal).Split("/unsubscribe/" + token).Length - 2);
    }

    [Fact]
    public async Task One_FromAMailSentBefore_StopsMailAndReleasesUntilItIsTakenBack()
    {
        var ann = await _product.Waiting("ann@example.com");
        await Mail("welcome", ann.Id);
        await Drain();
        var token = await Token("ann@example.com");
        Assert.Equal(UnsubscribeState.Mailed, (await Do((u, t) => u.Look(Actor.Public, t, default), token)).Must());
        for (var i = 0; i < 2; i++) Assert.Equal(UnsubscribeState.Unsubscribed, (await Do((u, t) => u.One(Actor.Public, t, default), token)).Must());
        Assert.Equal("suppressed Unsubscribed.", await Hold());
        var before = _server.Taken.Count;
        await Mail("again", ann.Id);
        await Drain();
        Assert.Equal(before, _server.Taken.Count);
        for (var i = 0; i < 2; i++) Assert.Equal(UnsubscribeState.Mailed, (await Do((u, t) => u.TakeBack(Actor.Public, t, default), token)).Must());
        Assert.Equal("none ", await Hold());
        await _product.Release(1);
        await Drain();
        Assert.Equal(before + 1, _server.Taken.Count);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task One_TokenThatIsNotOurs_IsUnknown()
    {
        var token = await Token("ann@example.com");
        foreach (var wrong in (string[])["", "x", token[..63], (token[0] == 'A' ? 'B' : 'A') + token[1..], token[..63] + (token[63] == 'A' ? 'B' : 'A'), new string('A', 64), token + "A"])
            Assert.Equal("not-found", (await Do((u, t) => u.One(Actor.Public, t, default), wrong)).Failure?.Slug);
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM suppressions"));
    }

    [Fact]
    public async Task TakeBack_OfAnAddressThatComplainedOrStaffStopped_StaysStopped()
    {
        var token = await Token("ann@example.com");
        (await Do((u, t) => u.One(Actor.Public, t, default), token)).Must();
        (await Events(new MailEvent("api", "complaint", "ann@example.com", null, null, true, null, null))).Must();
        Assert.Equal(UnsubscribeState.Stopped, (await Do((u, t) => u.TakeBack(Actor.Public, t, default), token)).Must());
        var address = await _database.Scalar<string>("SELECT encode(email_hash, 'hex') FROM suppressions WHERE reason = 'complained'");
        Assert.Equal("validation", (await _product.Do<SuppressAddress, Outcome<bool>>(s => s.Lift(Product.Owner, address, " ", default))).Failure?.Slug);
        Assert.True((await _product.Do<SuppressAddress, Outcome<bool>>(s => s.Lift(Product.Owner, address, "They wrote to us.", default))).Must());
        Assert.False((await _product.Do<SuppressAddress, Outcome<bool>>(s => s.Lift(Product.Owner, address, "They wrote to us.", default))).Must());
        Assert.True((await _product.Do<SuppressAddress, Outcome<bool>>(s => s.Stop(Product.Owner, "Ann@Example.com", "Wrote to us.", default))).Must());
        Assert.Equal(UnsubscribeState.Stopped, (await Do((u, t) => u.TakeBack(Actor.Public, t, default), token)).Must());
        Assert.Equal(2, await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action LIKE 'address.%'"));
    }

    [Fact]
    public async Task Run_EventsOfEveryKind_CountOnceAndStopWhatTheyShould()
    {
        foreach (var name in (string[])["ann", "ben", "cat", "dan"]) await _product.Waiting($"{name}@example.com");
        await _product.Release(4);
        await Drain();
        var at = new DateTimeOffset(2026, 11, 22, 9, 30, 0, TimeSpan.Zero);
        var messageId = await _database.Scalar<string>("SELECT message_id FROM outbox WHERE recipient = 'dan@example.com' AND template = 'invitation'");
        MailEvent[] told =
        [
            new("ses", "bounce", "ANN@example.com", null, at, true, "smtp; 550 <ann@example.com> unknown", "f1"), new("ses", "bounce", "ben@example.com", null, at, false, "mailbox full", "f2"),
            new("postmark", "complaint", "cat@example.com", null, at, true, null, "3"), new("api", "bounce", null, messageId, at, true, null, null), new("api", "bounce", "nobody@example.com", null, at, true, null, null),
        ];
        Assert.Equal(new MailEventsTaken(5, 0), (await Events(told)).Must());
        Assert.Equal(new MailEventsTaken(0, 5), (await Events(told)).Must());
        Assert.Equal("ann bounced, cat complained, dan bounced, nobody bounced", await _database.Scalar<string>("SELECT string_agg(coalesce(split_part(e.email, '@', 1), 'nobody') || ' ' || s.reason, ', ' ORDER BY coalesce(e.email, 'nobody')) FROM suppressions s LEFT JOIN waitlist_entries e ON e.id = s.entry_id"));
        Assert.Equal("ann b, cat c, dan b", await _database.Scalar<string>("SELECT string_agg(split_part(recipient, '@', 1) || CASE WHEN bounced_at IS NOT NULL THEN ' b' ELSE ' c' END, ', ' ORDER BY recipient) FROM outbox WHERE template = 'invitation' AND (bounced_at IS NOT NULL OR complained_at IS NOT NULL)"));
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM mail_events WHERE reason LIKE '%@%'"));
        Assert.Empty(await _product.Violations());
    }

    /// <summary>Each suppression commits while its mail is held at the server just before it may leave.</summary>
    [Fact]
    public async Task Dispatcher_SuppressedWhileTheServerTakesTheRecipient_NothingLeaves_n24()
    {
        const int count = 24;
        await _database.Execute($"INSERT INTO outbox (template, dedupe_key, recipient, payload) SELECT 'welcome', 'mail:' || i, 'ann' || i || '@example.com', '{{\"name\": \"Ann\", \"statusToken\": \"t\", \"referralToken\": \"r\"}}' FROM generate_series(1, {count}) i");
        _server.MoodTowards = recipient =>
        {
            // Half are suppressed before the recipient is answered, so that the claim had not seen it.
            if (int.Parse(recipient[3..recipient.IndexOf('@', StringComparison.Ordinal)], CultureInfo.InvariantCulture) % 2 == 0)
                Task.Run(async () => (await Events(new MailEvent("api", "complaint", recipient, null, null, true, null, null))).Must()).GetAwaiter().GetResult();
            return SmtpMood.Accept;
        };
        await Drain();
        Assert.Equal((count / 2, count / 2), ((int)await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state = 'suppressed'"), _server.Taken.Count));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Dispatcher_SuppressedAtTheSameInstant_NothingCountsAsSentAfterIt_n300()
    {
        const int count = 300;
        await _database.Execute($"INSERT INTO outbox (template, dedupe_key, recipient, payload) SELECT 'welcome', 'mail:' || i, 'ann' || i || '@example.com', '{{\"name\": \"Ann\", \"statusToken\": \"t\", \"referralToken\": \"r\"}}' FROM generate_series(1, {count}) i");
        var stopping = Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) => (await Do((u, t) => u.One(Actor.Public, t, default), await Token($"ann{1 + (i * 7 % count)}@example.com"))).Must());
        await Task.WhenAll(Drain(), stopping);
        Assert.Equal(count, await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state IN ('sent', 'suppressed')"));
        Assert.Empty(await _product.Violations());
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task Drain()
    {
        while (await _product.One<OutboxDispatcher>().Step(default) > 0) { }
    }

    private async Task<string> Token(string email) => await _product.One<UnsubscribeLinks>().Token(email, default);

    private Task<Outcome<UnsubscribeState>> Do(Func<Unsubscribe, string, Task<Outcome<UnsubscribeState>>> call, string token) => _product.Do<Unsubscribe, Outcome<UnsubscribeState>>(u => call(u, token));

    private Task<Outcome<MailEventsTaken>> Events(params MailEvent[] events) => _product.Do<TakeMailEvents, Outcome<MailEventsTaken>>(t => t.Run(Actor.System, events, default));

    private Task<string> Hold() => _database.Scalar<string>("SELECT coalesce(hold, 'none') || ' ' || coalesce(hold_reason, '') FROM waitlist_entries");

    private Task Mail(string template, string entry) => _database.Execute($"INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id) SELECT '{template}', 'extra:{template}', email, jsonb_build_object('name', name, 'statusToken', status_token, 'referralToken', referral_token), id FROM waitlist_entries WHERE public_id = '{entry}'");
}
