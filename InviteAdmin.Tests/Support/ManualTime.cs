namespace InviteAdmin.Tests.Support;

/// <summary>A clock that stands where the test puts it.</summary>
public sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>The clock of a machine that is wrong by so much.</summary>
public sealed class MovedTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
}
