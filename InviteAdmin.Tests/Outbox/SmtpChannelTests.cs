using System.Globalization;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Outbox;

/// <summary>The mail channel against a mail server that fails at every point of the talk.</summary>
public sealed class SmtpChannelTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private readonly SmtpServer _server = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, ("Mail:Channel", "smtp"), ("Mail:Smtp:Host", "127.0.0.1"), ("Mail:Smtp:Port", _server.Port.ToString(CultureInfo.InvariantCulture)),
            ("Mail:Smtp:StartTls", "false"), ("Mail:Smtp:TimeoutSeconds", "1"), ("Mail:FromName", "Launch\r\nBcc: victim@example.com"), ("Rollout:UndoSeconds", "0"));
        await _product.Waiting("ann@example.com");
        await _product.Release(1);
    }

    [Fact]
    public async Task Deliver_Accepted_IsSentOnceWithItsMessageId()
    {
        await Step(SmtpMood.Accept);
        Assert.Equal("sent 1", await State());
        Assert.Equal(await MessageId(), Assert.Single(_server.MessageIds));
        var mail = Assert.Single(_server.Taken);
        Assert.Contains("To: ann@example.com", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nBcc:", mail, StringComparison.Ordinal);
        Assert.Empty(await _product.Violations());
    }

    [Theory]
    [InlineData(SmtpMood.TryLater, 0)]
    [InlineData(SmtpMood.DropBeforeDot, 0)]
    [InlineData(SmtpMood.DropAfterDot, 1)]
    [InlineData(SmtpMood.Stall, 0)]
    public async Task Deliver_FailsInPassing_IsTriedAgainWithTheSameMessageId(SmtpMood mood, int taken)
    {
        await Step(mood);
        Assert.Equal("pending 1", await State());
        Assert.Equal(taken, _server.Taken.Count);
        await Step(mood);
        Assert.Equal("pending 2", await State());
        await Step(SmtpMood.Accept);
        Assert.Equal("sent 3", await State());
        Assert.Equal(1 + (2 * taken), _server.Taken.Count);
        Assert.Equal(await MessageId(), Assert.Single(_server.MessageIds.Distinct()));
        Assert.Empty(await _product.Violations());
    }

    [Theory]
    [InlineData(SmtpMood.RefuseRecipient)]
    [InlineData(SmtpMood.RefuseMessage)]
    public async Task Deliver_RefusedForGood_IsDeadAtOnce(SmtpMood mood)
    {
        await Step(mood);
        Assert.Equal("dead 1", await State());
        await Step(SmtpMood.Accept);
        Assert.Equal("dead 1", await State());
        Assert.Empty(_server.Taken);
    }

    [Fact]
    public async Task Deliver_NobodyListens_IsTriedAgain()
    {
        await _server.DisposeAsync();
        await Step(SmtpMood.Accept);
        Assert.Equal("pending 1", await State());
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task Step(SmtpMood mood)
    {
        _server.Mood = mood;
        await using (var due = _database.Source.CreateCommand("UPDATE outbox SET due_at = now() WHERE state = 'pending'")) await due.ExecuteNonQueryAsync();
        await _product.One<OutboxDispatcher>().Step(default);
    }

    private Task<string> State() => _database.Scalar<string>("SELECT state || ' ' || attempts FROM outbox");

    private Task<string> MessageId() => _database.Scalar<string>("SELECT '<outbox-' || id || '.' || floor(extract(epoch FROM created_at)) || '@invite.example.com>' FROM outbox");
}
