namespace InviteAdmin.Waitlist;

/// <summary>Section <c>Waitlist</c>.</summary>
public sealed class WaitlistOptions
{
    /// <summary>Days a confirmation link works.</summary>
    public int ConfirmDays { get; set; } = 7;

    /// <summary>Points for arriving through somebody's link.</summary>
    public int ArrivedPoints { get; set; } = 10;

    /// <summary>Points to the referrer for bringing somebody.</summary>
    public int BroughtPoints { get; set; } = 5;
}
