using InviteAdmin.Invites;
using InviteAdmin.People;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.People;

/// <summary>One sentence of what happened and one of what to do, for every state a person can be in.</summary>
public sealed class SupportSentenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Joined = Now.AddDays(-12);
    private static readonly DateTimeOffset Invited = Now.AddDays(-2);
    private static readonly GivenCode Code = new("AAAA-BBBB-CCCC", Now.AddDays(5));
    private const string Again = "Ask them to join again with the same email: that sends a new link.";
    private const string Back = "If they want to come in after all, a friend’s code or a VIP code lets them.";

    public static TheoryData<string, PersonFacts, string, string, NextStep> All() => new()
    {
        { "unconfirmed, mail sent", Entry(EntryStatus.Unconfirmed) with { Mails = [Mail("confirm", "sent", Joined)] },
            "Joined on 8 Nov and has not confirmed the email. The confirmation mail was sent on 8 Nov.", "Ask them to look in their spam folder; if the mail is gone, joining again with the same email sends a new link.", NextStep.None },
        { "unconfirmed, link ran out", Entry(EntryStatus.Unconfirmed, story: new(0, Now.AddDays(-1), null, null, null, null)) with { Mails = [Mail("confirm", "sent", Joined)] },
            "Joined on 8 Nov and has not confirmed the email. The link in the mail of 8 Nov has run out.", Again, NextStep.None },
        { "unconfirmed, mail waits", Entry(EntryStatus.Unconfirmed) with { Mails = [Mail("confirm", "pending", Joined, due: Now.AddMinutes(5))] },
            "Joined on 8 Nov and has not confirmed the email. The confirmation mail has not left yet; it goes out today at 12:05.", "Wait until it has left.", NextStep.None },
        { "unconfirmed, mail not taken", Entry(EntryStatus.Unconfirmed) with { Mails = [Mail("confirm", "pending", Joined, "The mail server did not answer.", Now.AddHours(20), tries: 6)] },
            "Joined on 8 Nov and has not confirmed the email. The confirmation mail was not taken yet: The mail server did not answer; the next try is tomorrow at 08:00.", "Wait for the next try, or check the address with them.", NextStep.OpenMail },
        { "unconfirmed, mail failed", Entry(EntryStatus.Unconfirmed) with { Mails = [Mail("confirm", "dead", Joined, "The mail server refused with 550.")] },
            "Joined on 8 Nov and has not confirmed the email. The confirmation mail failed: The mail server refused with 550.", "Check the address with them. If it is right, open the mail and try it again.", NextStep.OpenMail },
        { "unconfirmed, mail suppressed", Entry(EntryStatus.Unconfirmed) with { Mails = [Mail("confirm", "suppressed", Joined)] },
            "Joined on 8 Nov and has not confirmed the email. The confirmation mail was not sent, because their address gets no mail.", "Ask them to join with another address.", NextStep.None },
        { "unconfirmed, no mail", Entry(EntryStatus.Unconfirmed), "Joined on 8 Nov and has not confirmed the email. No confirmation mail was sent.", Again, NextStep.None },
        { "unconfirmed and excluded", Entry(EntryStatus.Unconfirmed, hold: "excluded", story: new(0, null, null, "Sue", "A competitor.", Now.AddDays(-3))),
            "Joined on 8 Nov, has not confirmed the email and was excluded by Sue on 17 Nov: A competitor. Releases pass them by.", "Include them again if that was a mistake; they still have to confirm their email.", NextStep.Include },
        { "waiting", Entry(EntryStatus.Waiting), "Waiting since 8 Nov at rank 1,204. 10 points: came through a friend's link.", "A release reaches them at their rank. Invite them now to let them in before.", NextStep.InviteNow },
        { "waiting, rank not known", Entry(EntryStatus.Waiting, rank: null), "Waiting since 8 Nov. 10 points: came through a friend's link.", "A release reaches them at their rank. Invite them now to let them in before.", NextStep.InviteNow },
        { "lapsed once", Entry(EntryStatus.Waiting, story: new(1, null, null, null, null, null)) with { Codes = [Held("lapsed")] },
            "Was invited on 10 Nov, did not use the code before it ran out on 17 Nov, and waits again at rank 1,204.", "Invite them now if they ask for it. If that invitation runs out too, they leave the waitlist.", NextStep.InviteNow },
        { "code revoked by staff", Entry(EntryStatus.Waiting) with { Codes = [Held("revoked", "Sue", "Posted in public.")] },
            "Was invited on 10 Nov, but Sue revoked the code on 16 Nov: Posted in public. They wait again at rank 1,204.", "Invite them now if they should come in: they get a new code.", NextStep.InviteNow },
        { "release taken back", Entry(EntryStatus.Waiting) with { Codes = [Held("revoked", null, "Cohort recalled.")] },
            "Was invited on 10 Nov, but the release was taken back on 16 Nov. They wait again at rank 1,204.", "Invite them now, or let the next release reach them.", NextStep.InviteNow },
        { "excluded", Entry(EntryStatus.Waiting, hold: "excluded", story: new(0, null, null, "Sue", "A competitor", Now)),
            "Joined on 8 Nov and was excluded by Sue today: A competitor. Releases pass them by.", "Include them again to put them back at their old place.", NextStep.Include },
        { "excluded, nobody knows by whom", Entry(EntryStatus.Waiting, hold: "excluded"), "Joined on 8 Nov and was excluded by staff. Releases pass them by.", "Include them again to put them back at their old place.", NextStep.Include },
        { "suppressed", Entry(EntryStatus.Waiting, hold: "suppressed", holdReason: "Unsubscribed."),
            "Joined on 8 Nov. Their address gets no mail: Unsubscribed, so releases pass them by.", "Ask them to join again with another address.", NextStep.None },
        { "held for review", Entry(EntryStatus.Waiting, hold: "review", holdReason: "20 joins from one address."),
            "Joined on 8 Nov and is held for review: 20 joins from one address. Releases pass them by.", "Wait until the review is decided; nobody can be invited before.", NextStep.None },
        { "invited, mail sent", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "sent", Invited)] },
            "Invited on 18 Nov in cohort 6. The mail was sent on 18 Nov. The code is unused and runs out in 5 days.", "Resend the invitation if they cannot find it.", NextStep.Resend },
        { "invited, resent", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "sent", Now) with { Resent = true }, Mail("invitation", "sent", Invited)] },
            "Invited on 18 Nov in cohort 6. The mail was sent today, not for the first time. The code is unused and runs out in 5 days.", "Resend the invitation if they cannot find it.", NextStep.Resend },
        { "invited, about to be resent", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "pending", Now, due: Now) with { Resent = true }, Mail("invitation", "sent", Invited)] },
            "Invited on 18 Nov in cohort 6. The mail was sent on 18 Nov and goes out again in a moment. The code is unused and runs out in 5 days.", "Wait until it has arrived.", NextStep.None },
        { "invited, not yet sent", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "pending", Now, due: Now.AddMinutes(1))] },
            "Invited on 18 Nov in cohort 6. The mail has not left yet; it goes out today at 12:01. The code is unused and runs out in 5 days.", "Wait until it has left, or undo the release while there is time.", NextStep.None },
        { "invited, not taken yet", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "pending", Now, "Greylisted.", Now.AddDays(3), 2)] },
            "Invited on 18 Nov in cohort 6. The mail was not taken yet: Greylisted. The next try is on 23 Nov at 12:00. The code is unused and runs out in 5 days.", "Wait for the next try. If it keeps failing, check the address with them.", NextStep.OpenMail },
        { "invited, mail failed", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "dead", Invited, "550 no such user")] },
            "Invited on 18 Nov in cohort 6. The mail failed: 550 no such user. The code is unused and runs out in 5 days.", "Check the address with them. If it is right, resend the invitation; if not, read them the code.", NextStep.Resend },
        { "invited, suppressed", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "suppressed", Invited)] },
            "Invited on 18 Nov in cohort 6. The mail was not sent, because their address gets no mail. The code is unused and runs out in 5 days.", "Read them the code, or ask them for another address.", NextStep.None },
        { "invited, cancelled", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "cancelled", Invited)] },
            "Invited on 18 Nov in cohort 6. The mail was cancelled before it left. The code is unused and runs out in 5 days.", "Resend the invitation.", NextStep.Resend },
        { "invited, resend undone", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "cancelled", Now) with { Resent = true }, Mail("invitation", "sent", Invited)] },
            "Invited on 18 Nov in cohort 6. The mail was sent on 18 Nov. The code is unused and runs out in 5 days.", "Resend the invitation if they cannot find it.", NextStep.Resend },
        { "invited, no mail", Entry(EntryStatus.Invited, code: Code with { ExpiresAt = Now.AddMinutes(20) }), "Invited on 18 Nov in cohort 6. No mail was sent. The code is unused and runs out within the hour.", "Resend the invitation.", NextStep.Resend },
        { "invited, new code, mail of the old one", Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "sent", Now), Mail("invitation", "dead", Invited) with { Code = "OLD" }] },
            "Invited on 18 Nov in cohort 6. The mail was sent today. The code is unused and runs out in 5 days.", "Resend the invitation if they cannot find it.", NextStep.Resend },
        { "invited, ran out and not taken back yet", Entry(EntryStatus.Invited, code: Code with { ExpiresAt = Now.AddMinutes(-1) }),
            "Invited on 18 Nov in cohort 6. The code was not used and ran out today; they wait again soon.", "Give them a new code to let them in without waiting.", NextStep.NewCode },
        { "registered by invitation", Registered("waitlist"), "Registered on 19 Nov with their invitation from the waitlist. They have given away 1 of 3 codes.", "There is nothing to do: one code is left to give away.", NextStep.None },
        { "registered by a friend's code", Registered("personal", by: "Ben") with { Entry = null },
            "Registered on 19 Nov with a personal code, brought by Ben. They were never on the waitlist. They have given away 1 of 3 codes.", "There is nothing to do: one code is left to give away.", NextStep.None },
        { "registered by a campaign", Registered("campaign", campaign: "Launch week") with { Codes = [] },
            "Registered on 19 Nov with a code of the campaign Launch week. They have no codes to give away.", "Give them more codes if they want to invite more friends.", NextStep.GiveCodes },
        { "registered, VIP", Registered("vip"), "Registered on 19 Nov with a VIP code. They have given away 1 of 3 codes.", "There is nothing to do: one code is left to give away.", NextStep.None },
        { "registered, a code revoked", Registered("vip") with { Codes = [Mine("revoked") with { RevokedAt = Now, RevokedBy = "Sue", RevokedReason = "Sold online." }, Mine("used"), Mine("active"), Mine("active")] },
            "Registered on 19 Nov with a VIP code. They have given away 1 of 4 codes. Sue took back code X today: Sold online.", "There is nothing to do: 2 codes are left to give away.", NextStep.None },
        { "registered, welcome mail failed", Registered("vip") with { Mails = [Mail("registered", "dead", Now, "550")] },
            "Registered on 19 Nov with a VIP code. They have given away 1 of 3 codes. The welcome mail with their codes failed: 550.", "Check the address with them, then open the mail and try it again.", NextStep.OpenMail },
        { "declined by the person", Left("person"), "Left the waitlist themselves on 15 Nov.", Back, NextStep.None },
        { "declined by staff", Left("staff", "Sue", "Asked to be removed."), "Was taken off the waitlist by Sue on 15 Nov: Asked to be removed.", Back, NextStep.None },
        { "declined by lapse", Left("lapse"), "Was invited twice and used neither code; the second ran out on 15 Nov, and they left the waitlist.", Back, NextStep.None },
        { "registered elsewhere", Left("member"), "Left the waitlist on 15 Nov, because they registered with an invitation that was sent to another address.",
            "There is nothing to do: search for the other address to find the member.", NextStep.None },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void EveryState_SaysWhatHappenedAndWhatToDo(string state, PersonFacts person, string happened, string advice, NextStep step)
    {
        var answer = SupportSentence.Of(person, Now, TimeZoneInfo.Utc);

        Assert.Equal((state, happened, advice, step), (state, answer.Happened, answer.Advice, answer.Step));
        Assert.Equal(step == NextStep.OpenMail, answer.MailId is not null);
        Assert.DoesNotContain("..", answer.Happened, StringComparison.Ordinal);
    }

    [Fact]
    public void Moments_AreThoseOfTheZone_AndOtherYearsHaveTheirs()
    {
        var person = Entry(EntryStatus.Invited, code: Code) with { Mails = [Mail("invitation", "pending", Now, due: new(2026, 11, 20, 15, 30, 0, TimeSpan.Zero))] };
        Assert.Contains("it goes out tomorrow at 00:30", SupportSentence.Of(person, Now, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo")).Happened, StringComparison.Ordinal);

        var old = Entry(EntryStatus.Waiting);
        Assert.StartsWith("Waiting since 8 Nov 2026", SupportSentence.Of(old, Now.AddMonths(3), TimeZoneInfo.Utc).Happened, StringComparison.Ordinal);
    }

    private static PersonFacts Entry(EntryStatus status, string? hold = null, string? holdReason = null, GivenCode? code = null, int? rank = 1204, EntryStory? story = null, string? decline = null)
    {
        var row = new WaitlistRow("wl_1", "ann@example.com", "Ann", status, hold, rank, 9, 10, null, "Ben", "wl_2", 0, Joined, Invited, null, "ben@example.com");
        return new(new(row, "10 points: came through a friend's link.", "https://invite.example.com/waitlist?ref=x", holdReason, decline, 6, code), null, [], [], [], []) { Story = story };
    }

    private static PersonFacts Left(string reason, string? by = null, string? why = null) =>
        Entry(EntryStatus.Declined, decline: reason, story: new(0, null, Now.AddDays(-5), by, why, by is null ? null : Now.AddDays(-5)));

    private static PersonFacts Registered(string with, string? by = null, string? campaign = null) => Entry(EntryStatus.Registered) with
    {
        Member = new("usr_1", "ann@example.com", "Ann", "standard", 1, Now.AddDays(-1), with, by, by is null ? null : "usr_2", campaign),
        Codes = [Mine("used"), Mine("active"), Mine("expired")],
    };

    private static HeldCode Mine(string state) => new("X", "personal", state, 0, 1, Now, null, null);

    private static HeldCode Held(string state, string? by = null, string? why = null) =>
        new("X", "waitlist", state, 0, 1, Now.AddDays(-10), Now.AddDays(-3), null, state == "revoked" ? Now.AddDays(-4) : null, by, why);

    private static PersonMail Mail(string template, string state, DateTimeOffset at, string? error = null, DateTimeOffset due = default, int tries = 0) =>
        new(7, template, state, at, error, due, tries, template == "invitation" ? Code.Code : null);
}
