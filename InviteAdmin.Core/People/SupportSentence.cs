using System.Globalization;
using InviteAdmin.Waitlist;

namespace InviteAdmin.People;

/// <summary>The button an advice points to.</summary>
public enum NextStep
{
    /// <summary>Nothing to press.</summary>
    None,
    InviteNow,
    Resend,
    NewCode,
    Include,

    /// <summary>The mail that failed, where it can be tried again.</summary>
    OpenMail,
    GiveCodes,
}

/// <summary>What happened to a person, what to do about it, and the button that does it.</summary>
/// <param name="MailId">The mail that <see cref="NextStep.OpenMail"/> opens.</param>
public sealed record SupportAnswer(string Happened, string Advice, NextStep Step, long? MailId = null);

/// <summary>What happened to a person, and what can be done about it, as support would tell them: computed from facts, in the workspace's zone.</summary>
public static class SupportSentence
{
    public static SupportAnswer Of(PersonFacts person, DateTimeOffset now, TimeZoneInfo zone)
    {
        var say = new SayWhen(now, zone);
        return person switch
        {
            { Member: { } member } => OfMember(person, member, say),
            { Entry.Row: { Status: EntryStatus.Declined } } => OfDeclined(person, say),
            { Entry.Row: { Status: EntryStatus.Invited } } => SupportInvitation.Of(person, say),
            { Entry.Row: { Hold: not null } row } => OfHeld(person, row, say),
            { Entry.Row: { Status: EntryStatus.Unconfirmed } row } => OfUnconfirmed(person, row, say),
            { Entry.Row: { Status: EntryStatus.Waiting } row } => OfWaiting(person, row, say),
            _ => new("Registered.", "There is nothing to do.", NextStep.None),
        };
    }

    private static SupportAnswer OfMember(PersonFacts person, MemberFacts member, SayWhen say)
    {
        var with = member.CameBy switch
        {
            "waitlist" => "with their invitation from the waitlist",
            "campaign" => member.Campaign is { } campaign ? $"with a code of the campaign {campaign}" : "with a campaign code",
            "vip" => "with a VIP code",
            _ => "with a personal code",
        };
        var by = member.InvitedBy is { } friend ? $", brought by {friend}" : "";
        var list = person.Entry is null ? " They were never on the waitlist." : "";
        var mine = person.Codes.Where(c => c.Kind == "personal").ToArray();
        var open = mine.Count(c => c.State == "active");
        var given = mine.Length == 0 ? " They have no codes to give away." : $" They have given away {mine.Count(c => c.State == "used")} of {mine.Length} codes.";
        var taken = mine.FirstOrDefault(c => c is { State: "revoked", RevokedBy: not null }) is { } revoked ? $" {revoked.RevokedBy} took back code {revoked.Code}{say.OnDay(revoked.RevokedAt)}{Because(revoked.RevokedReason)}." : "";
        var happened = $"Registered{say.OnDay(member.RegisteredAt)} {with}{by}.{list}{given}{taken}";
        if (person.Mails.FirstOrDefault(m => m.Template == "registered") is { State: "dead" } failed)
        {
            return new($"{happened} The welcome mail with their codes failed{Because(failed.Error)}.", "Check the address with them, then open the mail and try it again.", NextStep.OpenMail, failed.Id);
        }

        return open > 0
            ? new(happened, open == 1 ? "There is nothing to do: one code is left to give away." : $"There is nothing to do: {open} codes are left to give away.", NextStep.None)
            : new(happened, "Give them more codes if they want to invite more friends.", NextStep.GiveCodes);
    }

    private static SupportAnswer OfDeclined(PersonFacts person, SayWhen say)
    {
        const string Back = "If they want to come in after all, a friend’s code or a VIP code lets them.";
        var day = say.OnDay(person.Story?.DeclinedAt);
        return person.Entry!.DeclineReason switch
        {
            "person" => new($"Left the waitlist themselves{day}.", Back, NextStep.None),
            "staff" => new($"Was taken off the waitlist{(person.Story?.By is { } by ? $" by {by}" : " by staff")}{day}{Because(person.Story?.Why)}.", Back, NextStep.None),
            "lapse" => new($"Was invited twice and used neither code; the second ran out{day}, and they left the waitlist.", Back, NextStep.None),
            "member" => new($"Left the waitlist{day}, because they registered with an invitation that was sent to another address.", "There is nothing to do: search for the other address to find the member.", NextStep.None),
            _ => new($"Left the waitlist{day}.", Back, NextStep.None),
        };
    }

    private static SupportAnswer OfHeld(PersonFacts person, WaitlistRow row, SayWhen say)
    {
        var joined = $"Joined{say.OnDay(row.JoinedAt)}{(row.Status == EntryStatus.Unconfirmed ? ", has not confirmed the email" : "")}";
        return row.Hold switch
        {
            "excluded" => new(
                $"{joined} and was excluded{(person.Story?.By is { } by ? $" by {by}" : " by staff")}{say.OnDay(person.Story?.ByAt)}{Because(person.Story?.Why ?? person.Entry!.HoldReason)}. Releases pass them by.",
                row.Status == EntryStatus.Unconfirmed ? "Include them again if that was a mistake; they still have to confirm their email." : "Include them again to put them back at their old place.", NextStep.Include),
            "suppressed" => new(
                $"{joined}. Their address gets no mail{Because(person.Entry!.HoldReason is "The address is suppressed." ? null : person.Entry.HoldReason)}, so releases pass them by.", "Ask them to join again with another address.", NextStep.None),
            _ => new($"{joined} and is held for review{Because(person.Entry!.HoldReason)}. Releases pass them by.", "Wait until the review is decided; nobody can be invited before.", NextStep.None),
        };
    }

    private static SupportAnswer OfUnconfirmed(PersonFacts person, WaitlistRow row, SayWhen say)
    {
        const string Again = "Ask them to join again with the same email: that sends a new link.";
        var joined = $"Joined{say.OnDay(row.JoinedAt)} and has not confirmed the email.";
        var mail = person.Mails.FirstOrDefault(m => m.Template == "confirm");
        return mail switch
        {
            { State: "dead" } => new($"{joined} The confirmation mail failed{Because(mail.Error)}.", "Check the address with them. If it is right, open the mail and try it again.", NextStep.OpenMail, mail.Id),
            { State: "pending", Attempts: > 0 } => new($"{joined} The confirmation mail was not taken yet{Because(mail.Error)}; the next try is {say.At(mail.DueAt)}.", "Wait for the next try, or check the address with them.", NextStep.OpenMail, mail.Id),
            { State: "pending" } => new($"{joined} The confirmation mail has not left yet; it goes out {say.At(mail.DueAt)}.", "Wait until it has left.", NextStep.None),
            { State: "suppressed" } => new($"{joined} The confirmation mail was not sent, because their address gets no mail.", "Ask them to join with another address.", NextStep.None),
            null or { State: "cancelled" } => new($"{joined} No confirmation mail was sent.", Again, NextStep.None),
            _ when person.Story?.ConfirmExpiresAt <= say.Now => new($"{joined} The link in the mail of {say.Day(mail.At)} has run out.", Again, NextStep.None),
            _ => new($"{joined} The confirmation mail was sent{say.OnDay(mail.At)}.", "Ask them to look in their spam folder; if the mail is gone, joining again with the same email sends a new link.", NextStep.None),
        };
    }

    private static SupportAnswer OfWaiting(PersonFacts person, WaitlistRow row, SayWhen say)
    {
        var rank = row.Rank is { } number ? $" at rank {number.ToString("N0", CultureInfo.InvariantCulture)}" : "";
        var last = person.Codes.FirstOrDefault(c => c.Kind == "waitlist");
        if (last is { State: "lapsed" })
        {
            return new(
                $"Was invited{say.OnDay(last.CreatedAt)}, did not use the code before it ran out{say.OnDay(last.ExpiresAt)}, and waits again{rank}.",
                "Invite them now if they ask for it. If that invitation runs out too, they leave the waitlist.", NextStep.InviteNow);
        }

        if (last is { State: "revoked", RevokedBy: { } by })
        {
            return new($"Was invited{say.OnDay(last.CreatedAt)}, but {by} revoked the code{say.OnDay(last.RevokedAt)}{Because(last.RevokedReason)}. They wait again{rank}.", "Invite them now if they should come in: they get a new code.", NextStep.InviteNow);
        }

        if (last is { State: "revoked" })
        {
            return new($"Was invited{say.OnDay(last.CreatedAt)}, but the release was taken back{say.OnDay(last.RevokedAt)}. They wait again{rank}.", "Invite them now, or let the next release reach them.", NextStep.InviteNow);
        }

        return new($"Waiting since {say.Day(row.JoinedAt)}{rank}. {person.Entry!.Why}", "A release reaches them at their rank. Invite them now to let them in before.", NextStep.InviteNow);
    }

    /// <summary>“: the reason” without its own full stop, or nothing.</summary>
    internal static string Because(string? reason) => string.IsNullOrWhiteSpace(reason) ? "" : $": {reason.Trim().TrimEnd('.')}";
}
