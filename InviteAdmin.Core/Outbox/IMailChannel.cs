namespace InviteAdmin.Outbox;

/// <summary>A way out of the building: <see cref="MailboxChannel"/>, <see cref="RedisChannel"/> or <see cref="SmtpChannel"/>.</summary>
public interface IMailChannel
{
    /// <summary>How long one delivery may take; leases are measured by it.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Delivers one item. Throws <see cref="RefusedForGood"/> when trying again is useless; any other exception is tried again.</summary>
    public Task Deliver(OutboxItem item, CancellationToken cancel);
}

/// <summary>The other side will never take this item.</summary>
public sealed class RefusedForGood(string why) : Exception(why);
