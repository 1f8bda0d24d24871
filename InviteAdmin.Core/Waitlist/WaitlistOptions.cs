namespace InviteAdmin.Waitlist;

/// <summary>Section <c>Waitlist</c>.</summary>
public sealed class WaitlistOptions
{
    internal const int DefaultArrived = 10;
    internal const int DefaultBrought = 5;

    /// <summary>Days a confirmation link works.</summary>
    public int ConfirmDays { get; set; } = 7;

    /// <summary>Points for arriving through somebody's link. Set, it wins over what staff save.</summary>
    public int ArrivedPoints { get; set; } = DefaultArrived;

    /// <summary>Points to the referrer for bringing somebody. Set, it wins over what staff save.</summary>
    public int BroughtPoints { get; set; } = DefaultBrought;
}
