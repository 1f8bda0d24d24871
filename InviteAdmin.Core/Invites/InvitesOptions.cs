namespace InviteAdmin.Invites;

/// <summary>Section <c>Invites</c>: how many codes people get and how long codes live.</summary>
public sealed class InvitesOptions
{
    /// <summary>Personal codes for a new member.</summary>
    public int PersonalCodes { get; set; } = 3;

    /// <summary>Days a personal code lives.</summary>
    public int PersonalDays { get; set; } = 30;

    /// <summary>Days an invitation from the waitlist lives.</summary>
    public int InvitationDays { get; set; } = 7;

    /// <summary>Days before its end that an unused invitation is reminded of.</summary>
    public int ReminderDays { get; set; } = 2;

    /// <summary>Days a VIP code lives.</summary>
    public int VipDays { get; set; } = 30;
}
