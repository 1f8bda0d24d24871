namespace InviteAdmin.Webhooks;

/// <summary>A type of event and when it is written.</summary>
public sealed record WebhookEvent(string Type, string When)
{
    /// <summary>What a test event is called; no endpoint chooses it.</summary>
    public const string Test = "webhook.test";

    /// <summary>Every type an endpoint can choose. The migration's triggers write them.</summary>
    public static readonly IReadOnlyList<WebhookEvent> All =
    [
        new("waitlist.joined", "Somebody came onto the list"),
        new("waitlist.confirmed", "Their email is confirmed and they wait"),
        new("waitlist.invited", "They were invited, when the undo window is over"),
        new("waitlist.declined", "They left the list, or their second invitation ran out"),
        new("invite.redeemed", "A code was used and somebody is a member"),
        new("invite.revoked", "A code was taken back"),
        new("invite.lapsed", "An unused invitation ran out"),
        new("referral.credited", "A member brought somebody"),
        new("referral.milestone", "A member reached a milestone"),
        new("cohort.released", "A cohort was invited, when the undo window is over"),
        new("cohort.recalled", "A cohort was taken back"),
        new("rollout.held", "The rollout waits for a gate or a person"),
    ];

    public static bool IsKnown(string type) => All.Any(e => e.Type == type);
}
