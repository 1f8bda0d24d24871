namespace InviteAdmin.Outbox;

/// <summary>Asks the database at the last moment at which a mail can still be kept; throws <see cref="Withheld"/> when it must be.</summary>
public delegate Task MayLeave(CancellationToken cancel);

/// <summary>A way out of the building: <see cref="MailboxChannel"/>, <see cref="RedisChannel"/> or <see cref="SmtpChannel"/>.</summary>
public interface IMailChannel
{
    /// <summary>How long one delivery may take; leases are measured by it.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>
    /// Delivers one item. Awaits <paramref name="mayLeave"/> as late as it can, and lets its <see cref="Withheld"/> pass. Throws <see cref="RefusedForGood"/>
    /// when trying again is useless; any other exception is tried again.
    /// </summary>
    public Task Deliver(OutboxItem item, MayLeave mayLeave, CancellationToken cancel);
}

/// <summary>The other side will never take this item.</summary>
public sealed class RefusedForGood(string why) : Exception(why);

/// <summary>The item stays: its address was suppressed, or it is no longer ours to send.</summary>
public sealed class Withheld(bool suppressed) : Exception("The mail is withheld.")
{
    /// <summary>True when the address is suppressed; false when the rollout was halted, or the item was cancelled or taken over.</summary>
    public bool Suppressed => suppressed;
}
