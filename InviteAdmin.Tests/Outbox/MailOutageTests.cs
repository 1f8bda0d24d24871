using System.Collections.Concurrent;
using System.Globalization;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Outbox;

/// <summary>A mail server that is down for an hour or that fails at every point for some: each mail ends sent or dead, and none is lost.</summary>
public sealed class MailOutageTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private readonly SmtpServer _server = new();
    private TcpProxy _network = null!;
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _network = new TcpProxy(_server.Port);
        _product = new Product(_database, ("Mail:Channel", "smtp"), ("Mail:Smtp:Host", "127.0.0.1"), ("Mail:Smtp:Port", _network.Port.ToString(CultureInfo.InvariantCulture)),
            ("Mail:Smtp:StartTls", "false"), ("Mail:Smtp:TimeoutSeconds", "2"));
    }

    [Fact]
    public async Task ServerDownForAnHour_EveryMailIsSentOnceWithinTheNextHour_n50()
    {
        await _database.QueueMails(50);
        _network.Refuse();
        for (var minute = 0; minute < 60; minute++) await Minute();
        Assert.Equal((50L, 0L), (await Count("state = 'pending'"), await Count("state = 'dead'")));
        Assert.InRange(await _database.Scalar<int>("SELECT max(attempts) FROM outbox"), 3, OutboxDispatcher.MostTries - 1);

        _network.Pass();
        var waited = 0;
        for (; await Count("state <> 'sent'") > 0 && waited < 90; waited++) await Minute();
        output.WriteLine($"n = 50 mails, server away for 60 min: all sent {waited} min after its return, {_server.Taken.Count} taken");
        Assert.Equal(50, await Count("state = 'sent'"));
        Assert.Equal(50, _server.MessageIds.Distinct().Count());
        Assert.Equal(50, _server.Taken.Count);
        Assert.InRange(waited, 1, 75);
    }

    [Fact]
    public async Task EveryFailureForSome_EachEndsSentOrDeadAndNoRefusalIsTriedTwice_n80()
    {
        var perMood = Trials.Of(10, 20);
        var moods = Enum.GetValues<SmtpMood>();
        await _database.QueueMails(perMood * (moods.Length + 1));
        var tries = new ConcurrentDictionary<string, int>();
        // The last ones fail differently at each try and then get through.
        _server.MoodTowards = recipient =>
        {
            var (number, attempt) = (int.Parse(recipient[4..recipient.IndexOf('@', StringComparison.Ordinal)], CultureInfo.InvariantCulture) - 1, tries.AddOrUpdate(recipient, 1, (_, n) => n + 1));
            return number / perMood < moods.Length ? moods[number / perMood] : attempt > 3 ? SmtpMood.Accept : new[] { SmtpMood.TryLater, SmtpMood.DropBeforeDot, SmtpMood.DropAfterDot }[(number + attempt) % 3];
        };
        for (var day = 0; await Count("state = 'pending'") > 0; day++)
        {
            Assert.True(day < 20, $"Still pending: {await Count("state = 'pending'")}.");
            await Pass("1 day");
        }

        for (var m = 0; m < moods.Length; m++)
        {
            var expected = moods[m] switch { SmtpMood.Accept => "sent 1", SmtpMood.RefuseRecipient or SmtpMood.RefuseMessage => "dead 1", _ => $"dead {OutboxDispatcher.MostTries}" };
            // A busy machine may let the short time of a try run out: what is taken may need another one.
            var how = moods[m] == SmtpMood.Accept ? "state || ' ' || least(attempts, 1)" : "state || ' ' || attempts";
            Assert.Equal((moods[m], expected), (moods[m], await _database.Scalar<string>($"SELECT string_agg(DISTINCT {how}, ', ') FROM outbox WHERE (id - 1) / {perMood} = {m}")));
        }

        Assert.Equal("sent 4", await _database.Scalar<string>($"SELECT string_agg(DISTINCT state || ' ' || least(attempts, 4), ', ') FROM outbox WHERE (id - 1) / {perMood} = {moods.Length}"));
        // A second copy is told by its Message-ID: one for each mail, however often it was taken.
        var copies = _server.MessageIds.GroupBy(id => id, (_, all) => all.Count()).ToList();
        output.WriteLine($"n = {perMood * (moods.Length + 1)} mails in {moods.Length + 1} kinds of failure; {_server.Taken.Count} taken of {copies.Count} different, most copies of one {copies.Max()}");
        Assert.InRange(copies.Max(), 2, OutboxDispatcher.MostTries);
        Assert.Equal(perMood * 3, copies.Count);
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _network.DisposeAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task Minute() => Pass("1 minute");

    /// <summary>Lets so much time go by for the queue, and delivers what is due then.</summary>
    private async Task Pass(string interval)
    {
        await _database.Execute($"UPDATE outbox SET due_at = due_at - interval '{interval}' WHERE state = 'pending'");
        while (await _product.One<OutboxDispatcher>().Step(default) > 0) { }
    }

    private Task<long> Count(string what) => _database.Scalar<long>($"SELECT count(*) FROM outbox WHERE {what}");
}
