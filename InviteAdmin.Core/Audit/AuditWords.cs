namespace InviteAdmin.Audit;

/// <summary>
/// Every action of the record in words. A phrase continues “Ann …” and names what was acted on as {0}. An action of the code that is missing here fails a test.
/// </summary>
public static class AuditWords
{
    /// <summary>By action, as it is stored.</summary>
    public static readonly IReadOnlyDictionary<string, string> Phrases = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["address.lifted"] = "let mail go to {0} again",
        ["address.suppressed"] = "stopped mail to {0}",
        ["audit.exported"] = "exported the record of staff actions",
        ["campaign.exported"] = "exported the codes of {0}",
        ["campaign.minted"] = "minted {0}",
        ["campaign.revocation-undone"] = "undid the revocation of {0}",
        ["campaign.revoked"] = "revoked the codes of {0}",
        ["code.extended"] = "changed the end of {0}",
        ["code.limit"] = "changed the limit of {0}",
        ["code.replaced"] = "gave {0} a new code",
        ["code.revocation-undone"] = "undid the revocation of {0}",
        ["code.revoked"] = "revoked {0}",
        ["code.vip"] = "made the VIP {0}",
        ["codes.exported"] = "exported the list of codes",
        ["codes.issued"] = "gave {0} more codes",
        ["cohort.recalled"] = "recalled {0}",
        ["cohort.released"] = "released {0}",
        ["cohort.undone"] = "undid the release of {0}",
        ["demo.removed"] = "removed the demo launch",
        ["entry.declined"] = "took {0} off the waitlist",
        ["entry.excluded"] = "excluded {0} from releases",
        ["entry.included"] = "included {0} again",
        ["insights.exported"] = "exported people of the insights",
        ["installation.started"] = "started the installation",
        ["invitation.resend-undone"] = "took back the second mail to {0}",
        ["invitation.resent"] = "resent the invitation of {0}",
        ["job.paused"] = "paused {0}",
        ["job.resumed"] = "resumed {0}",
        ["job.run"] = "ran {0}",
        ["key.created"] = "made {0}",
        ["key.revoked"] = "revoked {0}",
        ["key.roll-ended"] = "ended the old secret of {0}",
        ["key.rolled"] = "gave {0} a new secret",
        ["mail.retried"] = "tried {0} again",
        ["member.rewarded"] = "rewarded {0}",
        ["milestone.added"] = "added {0}",
        ["milestone.edited"] = "edited {0}",
        ["milestone.removed"] = "removed {0}",
        ["note.added"] = "wrote a note about {0}",
        ["note.deleted"] = "deleted a note about {0}",
        ["people.exported"] = "exported the list of people",
        ["person.erased"] = "erased {0}",
        ["person.exported"] = "exported what is held about {0}",
        ["plan.edited"] = "edited the rollout plan",
        ["plan.paused"] = "paused the rollout",
        ["plan.running"] = "started the rollout",
        ["plan.started"] = "started the rollout",
        ["plan.resumed"] = "let the rollout go on",
        ["plan.approved"] = "approved a stage of the rollout",
        ["plan.promoted"] = "moved the rollout on to a later stage",
        ["plan.moved-back"] = "took the rollout back to an earlier stage",
        ["plan.exported"] = "exported the decisions of the rollout",
        ["points.changed"] = "changed the points of {0}",
        ["points.reversed"] = "took back points of {0}",
        ["referrals.exported"] = "exported the leaderboard",
        ["reward.undone"] = "took back the reward of {0}",
        ["settings.chat"] = "changed the chat that is told",
        ["chat.tested"] = "sent a test to the chat",
        ["settings.brand"] = "changed how the company shows itself",
        ["settings.lifetimes"] = "changed the lifetimes of codes",
        ["settings.logo"] = "changed the logo",
        ["settings.points"] = "changed what points are given for",
        ["source.added"] = "added {0}",
        ["source.edited"] = "edited {0}",
        ["source.removed"] = "removed {0}",
        ["source.restored"] = "brought {0} back",
        ["source.retired"] = "retired {0}",
        ["staff.closed"] = "closed the account of {0}",
        ["staff.created"] = "put {0} on the team",
        ["staff.opened"] = "opened the account of {0}",
        ["staff.role"] = "changed the role of {0}",
        ["template.published"] = "published {0}",
        ["template.saved"] = "saved a draft of {0}",
        ["template.tested"] = "sent themselves a test of {0}",
        ["waitlist.exported"] = "exported the waitlist",
        ["everything.exported"] = "exported everything",
        ["members.imported"] = "imported members",
        ["waitlist.imported"] = "imported a list",
        ["webhook.added"] = "added {0}",
        ["webhook.disabled"] = "switched {0} off",
        ["webhook.enabled"] = "switched {0} on",
        ["webhook.events"] = "chose other events for {0}",
        ["webhook.removed"] = "removed {0}",
        ["webhook.replayed"] = "replayed events to {0}",
        ["webhook.resent"] = "sent an event to {0} again",
        ["webhook.rotated"] = "rotated the secret of {0}",
        ["webhook.tested"] = "sent a test event to {0}",
    };

    /// <summary>The action as a filter calls it: its phrase without what it acted on.</summary>
    public static string Title(string action)
    {
        var phrase = Phrases.TryGetValue(action, out var words) ? words : action;
        var bare = phrase.Replace(" of {0}", "", StringComparison.Ordinal).Replace(" about {0}", "", StringComparison.Ordinal).Replace(" to {0}", "", StringComparison.Ordinal)
            .Replace("the VIP {0}", "a VIP code", StringComparison.Ordinal).Replace("{0} ", $"{Noun(action)} ", StringComparison.Ordinal).Replace("{0}", Noun(action), StringComparison.Ordinal);
        return char.ToUpperInvariant(bare[0]) + bare[1..];
    }

    /// <summary>“revoked code ABCD-EFGH-JKMN”; an action without words is named as it is stored.</summary>
    /// <param name="target">What was acted on, as people call it.</param>
    public static string Phrase(string action, string target) =>
        Phrases.TryGetValue(action, out var phrase) ? phrase.Replace("{0}", target, StringComparison.Ordinal) : $"did {action} to {target}";

    private static string Noun(string action) => action.Split('.')[0] switch
    {
        "entry" or "codes" or "staff" or "points" or "member" or "person" or "reward" => "somebody",
        "milestone" => "a milestone",
        "source" => "a source",
        "cohort" => "a cohort",
        "campaign" => "a campaign",
        "job" => "a job",
        "key" => "an API key",
        "mail" => "a mail",
        "template" => "a mail template",
        "address" => "an address",
        "webhook" => "a webhook",
        "code" when action == "code.replaced" => "somebody",
        _ => "a code",
    };
}
