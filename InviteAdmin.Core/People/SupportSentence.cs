using System.Globalization;
using InviteAdmin.Waitlist;

namespace InviteAdmin.People;

/// <summary>What happened to a person, and what can be done about it, as support would tell them.</summary>
public static class SupportSentence
{
    public static string Of(PersonFacts person, DateTimeOffset now, TimeZoneInfo zone)
    {
        if (person.Member is { } member)
        {
            var by = member.InvitedBy is null ? "" : $", invited by {member.InvitedBy}";
            return $"Registered on {Day(member.RegisteredAt, zone)} with a {member.CameBy} code{by}. {Codes(person)}";
        }

        var entry = person.Entry!;
        return entry.Row switch
        {
            { Status: EntryStatus.Unconfirmed } row => $"Joined on {Day(row.JoinedAt, zone)} and has not followed the link in the confirmation mail. {Mail(person, "confirm")}",
            { Hold: "excluded" } row => $"Joined on {Day(row.JoinedAt, zone)} and was excluded by staff: releases pass them by until they are included again.",
            { Hold: not null } row => $"Joined on {Day(row.JoinedAt, zone)} and is held back ({row.Hold}): releases pass them by.",
            { Status: EntryStatus.Waiting } row => $"Waiting since {Day(row.JoinedAt, zone)}{(row.Rank is { } rank ? $" at rank {rank.ToString("N0", CultureInfo.InvariantCulture)}" : "")}. {entry.Why}",
            { Status: EntryStatus.Invited } row => $"Invited on {Day(row.InvitedAt ?? row.JoinedAt, zone)}{(entry.Cohort is { } cohort ? $" in cohort {cohort}" : "")}. {Mail(person, "invitation")} {Unused(entry, now)}",
            { Status: EntryStatus.Registered } => "Registered.",
            _ => entry.DeclineReason switch
            {
                "person" => "Declined the invitation themselves. They can join again at any time.",
                "staff" => "Was taken off the list by staff. They can join again at any time.",
                "lapse" => "Was invited twice and let both invitations run out, so they left the list. They can join again.",
                "member" => "Left the list because they registered through another address.",
                _ => "Is no longer on the list.",
            },
        };
    }

    private static string Unused(WaitlistPerson entry, DateTimeOffset now) => entry.Code?.ExpiresAt switch
    {
        null => "The code is unused.",
        { } end when end <= now => "The code is unused and has run out.",
        { } end when (end - now).TotalDays >= 2 => string.Create(CultureInfo.InvariantCulture, $"The code is unused and runs out in {(int)(end - now).TotalDays} days."),
        { } end => string.Create(CultureInfo.InvariantCulture, $"The code is unused and runs out in {Math.Max(1, (int)(end - now).TotalHours)} h."),
    };

    private static string Mail(PersonFacts person, string template) => person.Mails.FirstOrDefault(m => m.Template == template)?.State switch
    {
        "sent" => "The mail was sent.",
        "pending" => "The mail has not left yet.",
        "dead" => "The mail could not be delivered: check the address, then retry it below.",
        "suppressed" => "The mail was not sent, because this address gets no mail.",
        "cancelled" => "The mail was cancelled before it left.",
        _ => "No mail was sent.",
    };

    private static string Codes(PersonFacts person)
    {
        var mine = person.Codes.Where(c => c.Kind == "personal").ToArray();
        return mine.Length == 0 ? "Has no codes to give away." : $"Has given {mine.Count(c => c.State == "used")} of {mine.Length} codes away.";
    }

    private static string Day(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM", CultureInfo.InvariantCulture);
}
