using System.Diagnostics;
using System.Globalization;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Outbox;

/// <summary>How fast a full queue goes out, some of it poison.</summary>
[Collection(LoadCollection.Name)]
public sealed class MailDrainTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private readonly SmtpServer _server = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, ("Mail:Channel", "smtp"), ("Mail:Smtp:Host", "127.0.0.1"), ("Mail:Smtp:Port", _server.Port.ToString(CultureInfo.InvariantCulture)), ("Mail:Smtp:StartTls", "false"));
    }

    [Fact]
    public async Task Drain_WithOnePoisonedInAHundred_AHundredASecondAndTheOthersSent()
    {
        var count = Trials.Of(2_000, 50_000);
        await _database.QueueMails(count);
        _server.MoodTowards = recipient => recipient.Contains("00@", StringComparison.Ordinal) ? SmtpMood.RefuseRecipient : SmtpMood.Accept;
        var clock = Stopwatch.StartNew();
        while (await _product.One<OutboxDispatcher>().Step(default) > 0) { }
        var rate = count / clock.Elapsed.TotalSeconds;
        output.WriteLine($"n = {count} mails, {count / 100} of them poison: drained at {rate:0}/s");
        Assert.Equal((count - (count / 100L), count / 100L), (await Count("sent"), await Count("dead")));
        Assert.Equal(count - (count / 100), _server.MessageIds.Distinct().Count());
        Assert.Equal(count - (count / 100), _server.Taken.Count);
        Assert.True(rate >= 100, $"{rate:0}/s");
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<long> Count(string state) => _database.Scalar<long>($"SELECT count(*) FROM outbox WHERE state = '{state}' AND attempts = 1");
}
