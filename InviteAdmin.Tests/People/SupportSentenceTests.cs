using InviteAdmin.Invites;
using InviteAdmin.People;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.People;

public sealed class SupportSentenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Invited_CodeUnused_SaysWhenItRunsOut()
    {
        var person = Person(EntryStatus.Invited, mails: [new(1, "invitation", "sent", Now, null)], code: new("AAAA-BBBB-CCCC", Now.AddDays(5)));

        Assert.Equal("Invited on 18 Nov in cohort 6. The mail was sent. The code is unused and runs out in 5 days.", SupportSentence.Of(person, Now, TimeZoneInfo.Utc));
    }

    [Fact]
    public void Invited_MailFailed_SaysWhatToDo() =>
        Assert.Contains("could not be delivered: check the address", SupportSentence.Of(Person(EntryStatus.Invited, mails: [new(1, "invitation", "dead", Now, "550")]), Now, TimeZoneInfo.Utc), StringComparison.Ordinal);

    [Fact]
    public void Waiting_HasRankAndReason() =>
        Assert.Equal("Waiting since 8 Nov at rank 1,204. 10 points: came through a friend's link.", SupportSentence.Of(Person(EntryStatus.Waiting), Now, TimeZoneInfo.Utc));

    [Fact]
    public void Member_SaysByWhomAndWhatTheyGaveAway()
    {
        var member = new MemberFacts("usr_1", "ann@example.com", "Ann", "standard", 1, Now, "personal", "Ben", "usr_2");
        var codes = new[] { "used", "active", "active" }.Select(s => new HeldCode("X", "personal", s, 0, 1, Now, null, null)).ToArray();

        Assert.Equal("Registered on 20 Nov with a personal code, invited by Ben. Has given 1 of 3 codes away.", SupportSentence.Of(new(null, member, codes, [], [], []), Now, TimeZoneInfo.Utc));
    }

    private static PersonFacts Person(EntryStatus status, IReadOnlyList<PersonMail>? mails = null, GivenCode? code = null)
    {
        var row = new WaitlistRow("wl_1", "ann@example.com", "Ann", status, null, 1204, 9, 10, null, "Ben", "wl_2", 0, Now.AddDays(-12), Now.AddDays(-2), null, "ben@example.com");
        return new(new(row, "10 points: came through a friend's link.", "https://invite.example.com/waitlist?ref=x", null, null, 6, code), null, [], mails ?? [], [], []);
    }
}
