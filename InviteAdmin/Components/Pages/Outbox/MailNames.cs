namespace InviteAdmin.Components.Pages.Outbox;

/// <summary>What the dashboard calls each template.</summary>
public static class MailNames
{
    public static string Of(string template) => template switch
    {
        "confirm" => "Confirm your email",
        "welcome" => "You are on the list",
        "again" => "Your place, asked for again",
        "invitation" => "Invitation",
        "vip" => "VIP code",
        "reminder" => "Reminder of an invitation",
        "lapsed" => "Invitation ran out",
        "registered" => "Welcome, with codes",
        "referral_milestone" => "Milestone reached",
        "rollout_held" => "Rollout held, to staff",
        "webhook_disabled" => "Webhook switched off, to staff",
        _ => template,
    };
}
