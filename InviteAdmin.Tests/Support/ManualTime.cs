namespace InviteAdmin.Tests.Support;

/// <summary>A clock that stands where the test puts it.</summary>
public sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
