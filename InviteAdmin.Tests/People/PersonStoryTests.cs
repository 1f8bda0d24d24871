using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.People;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.People;

/// <summary>One person's life from joining to bringing others, read back: the facts, the sentence, the timeline, the notes and the record of actions.</summary>
public sealed class PersonStoryTests : IAsyncLifetime
{
    private static readonly Actor Sue = Actor.Staff("2", "Sue", [Role.Support]);
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, ("Rollout:UndoSeconds", "0"));
    }

    [Fact]
    public async Task Timeline_OfAWholeLife_TellsEverythingNewestFirst()
    {
        var friend = await _product.Waiting("friend@example.com");
        var ann = await _product.Waiting("ann@example.com", friend.ReferralToken);
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Sue, ann.Id, "Asked to wait.", default))).Must();
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Include(Sue, ann.Id, default))).Must();
        (await _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.One(Product.Owner, ann.Id, 7, "Kind.", "k", default))).Must();
        (await _product.Do<NotePerson, Outcome<long>>(n => n.Add(Sue, ann.Id, "Prefers\nthe phone.", "n", default))).Must();
        (await _product.Do<InvitePerson, Outcome<CohortFacts>>(i => i.One(Product.Owner, ann.Id, null, default))).Must();
        var old = await _product.CodeOf(ann);
        (await _product.Do<ReplaceCode, Outcome<GivenCode>>(r => r.One(Sue, ann.Id, old, "Lost.", default))).Must();
        var code = await _product.CodeOf(ann);
        (await _product.Redeem(code, "ann@example.com")).Must();
        var member = await _database.Scalar<string>("SELECT public_id FROM members WHERE email = 'ann@example.com'");
        var personal = await _database.Scalar<string>("SELECT shown FROM invite_codes WHERE kind = 'personal' ORDER BY id LIMIT 1");
        (await _product.Redeem(personal, "cat@example.com")).Must();

        var timeline = _product.TimelineOf();
        var rows = (await timeline.Page(ann.Id, null, 1, default)).Rows;

        Assert.Equal(rows.Select(r => r.At).OrderDescending(), rows.Select(r => r.At));
        string[] told =
        [
            "Joined the waitlist through the link of Ann Example", "Confirmed their email", "+10 points: came through the link of Ann Example", "Excluded this person from releases", "Included this person again",
            "+7 points: changed by staff", "Changed the points of this person", "Note", "Wrote a note about this person", "Invited in cohort 1 at rank 1", $"Got the invitation code {old}", $"Revoked code {old}",
            "Gave this person a new code", $"Got the invitation code {code}", $"Registered with waitlist code {code}", "Got 3 personal codes", $"Ann Example signed up with their code {personal}", "Brought Ann Example",
        ];
        Assert.All(told, what => Assert.Contains(rows, r => r.What == what));
        Assert.Equal(("Sue", "Asked to wait."), rows.Where(r => r.What.StartsWith("Excluded", StringComparison.Ordinal)).Select(r => (r.By, r.Why)).Single());
        Assert.Equal("Prefers\nthe phone.", rows.Single(r => r.Kind == TimelineKind.Notes).Why);
        // The member's address shows the same life.
        Assert.Equal(rows.Select(r => r.What), (await timeline.Page(member, null, 1, default)).Rows.Select(r => r.What));
        foreach (var kind in Enum.GetValues<TimelineKind>())
        {
            var only = (await timeline.Page(ann.Id, kind, 1, default)).Rows;
            Assert.NotEmpty(only);
            Assert.Equal(rows.Where(r => r.Kind == kind).Select(r => r.What), only.Select(r => r.What));
        }

        Assert.Empty((await timeline.Page("wl_nobody", null, 1, default)).Rows);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Timeline_OfAHub_PagesWithoutGaps()
    {
        var hub = await _product.Waiting("hub@example.com");
        for (var i = 0; i < 60; i++) await _product.Waiting($"friend{i}@example.com", hub.ReferralToken);

        var timeline = _product.TimelineOf();
        var (first, second) = (await timeline.Page(hub.Id, TimelineKind.Referrals, 1, default), await timeline.Page(hub.Id, TimelineKind.Referrals, 2, default));

        Assert.Equal((50, true, 10, false), (first.Rows.Count, first.More, second.Rows.Count, second.More));
        Assert.Equal(60, first.Rows.Concat(second.Rows).Select(r => r.Href).Distinct().Count());
        Assert.Equal((50, true), ((await timeline.Page(hub.Id, null, 2, default)).Rows.Count, (await timeline.Page(hub.Id, null, 2, default)).More));
    }

    [Fact]
    public async Task Person_FoundByEitherId_HasTheStoryBehindTheSentence()
    {
        var ann = await _product.Waiting("ann@example.com");
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Sue, ann.Id, "A competitor.", default))).Must();
        Assert.Contains("was excluded by Sue today: A competitor. Releases", await Told(ann.Id), StringComparison.Ordinal);
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Include(Sue, ann.Id, default))).Must();
        (await _product.Do<InvitePerson, Outcome<CohortFacts>>(i => i.One(Product.Owner, ann.Id, null, default))).Must();
        Assert.Contains("Invited today in cohort 1. The mail has not left yet; it goes out in a moment.", await Told(ann.Id), StringComparison.Ordinal);
        (await _product.Do<RevokeCode, Outcome<CodeFacts>>(async r => await r.One(Sue, await _product.CodeOf(ann), "Leaked", default))).Must();
        Assert.Contains("but Sue revoked the code today: Leaked. They wait again", await Told(ann.Id), StringComparison.Ordinal);
        (await _product.Do<DeclineEntry, Outcome<EntryFacts>>(x => x.ById(Sue, ann.Id, "Asked to.", default))).Must();
        Assert.Contains("Was taken off the waitlist by Sue today: Asked to.", await Told(ann.Id), StringComparison.Ordinal);
        Assert.Null(await _product.PersonOf("usr_nobody"));
    }

    [Fact]
    public async Task Person_WithAVipCodeThatWasRefusedAndAReward_ShowsThemAll()
    {
        var vip = (await _product.Do<CreateVipCode, Outcome<GivenCode>>(v => v.One(Product.Owner, new VipRequest("Ann Example", "ann@example.com"), default))).Must().Code;
        var ann = await _product.Waiting("ann@example.com");
        await _database.Execute($"INSERT INTO code_attempts (code_id, hour, reason, attempts, last_at) SELECT id, date_trunc('hour', now()), 'email-registered', 2, now() FROM invite_codes WHERE shown = '{vip}'");

        Assert.Equal([(vip, "vip", "active")], (await _product.PersonOf(ann.Id))!.Codes.Select(c => (c.Code, c.Kind, c.State)));
        var member = (await _product.Redeem(vip, "ann@example.com", verified: true)).Must().UserId;
        Assert.Null((await _product.PersonOf(member))!.Member!.Reward);
        (await _product.Do<RewardMember, Outcome<RewardGiven>>(r => r.One(Product.Owner, member, "Brought half the town.", default))).Must();

        var person = (await _product.PersonOf(member))!;
        Assert.Equal(("Brought half the town.", 0), (person.Member!.Reward!.Reason, person.Member.Reward.Used));
        Assert.Contains(person.Codes, c => c.Code == vip && c.State == "used");
        var told = (await _product.TimelineOf().Page(member, TimelineKind.Codes, 1, default)).Rows.Select(r => r.What).ToArray();
        Assert.Contains($"Got the VIP code {vip}", told);
        Assert.Contains($"2 sign-ups with code {vip} were refused: the email had an account already", told);
    }

    [Fact]
    public async Task NotePerson_AddedTwiceByOneKey_IsOneNote_AndOnlyItsAuthorDeletesIt()
    {
        var ann = await _product.Waiting("ann@example.com");

        var ids = await Race.Of(6, _ => _product.Do<NotePerson, Outcome<long>>(n => n.Add(Sue, ann.Id, "  Called. ", "key", default)));
        var id = Assert.Single(ids.Select(i => i.Must()).Distinct());

        Assert.Equal("Called.", await _database.Scalar<string>("SELECT text FROM notes"));
        Assert.Equal("Sue wrote this note, and only they can delete it.", (await Delete(Product.Owner, id)).Failure?.Detail);
        Assert.True((await Delete(Sue, id)).Must());
        Assert.False((await Delete(Sue, id)).Must());
        Assert.Equal((1L, 1L), (await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'note.added'"), await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'note.deleted'")));
        Assert.DoesNotContain("Called", await _database.Scalar<string>("SELECT string_agg(a::text, '') FROM audit_log a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("bell \u0007")]
    [InlineData("turned \u202e around")]
    public async Task NotePerson_UncleanOrEmpty_IsRefused(string text)
    {
        var ann = await _product.Waiting("ann@example.com");
        Assert.IsType<Invalid>((await _product.Do<NotePerson, Outcome<long>>(n => n.Add(Sue, ann.Id, text, "k", default))).Failure);
        Assert.IsType<Invalid>((await _product.Do<NotePerson, Outcome<long>>(n => n.Add(Sue, ann.Id, new string('x', 2_001), "k", default))).Failure);
        Assert.IsType<NotFound>((await _product.Do<NotePerson, Outcome<long>>(n => n.Add(Sue, "wl_nobody", "Hello.", "k", default))).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<NotePerson, Outcome<long>>(n => n.Add(Actor.Staff("3", "Vic", [Role.Viewer]), ann.Id, "Hello.", "k", default))).Failure);
        Assert.IsType<NotAllowed>((await Delete(Actor.Staff("3", "Vic", [Role.Viewer]), 1)).Failure);
    }

    [Fact]
    public async Task ExcludeEntry_StaleOrWithoutReason_SaysWhy()
    {
        var ann = await _product.Waiting("ann@example.com");
        Assert.IsType<Invalid>((await Exclude(ann, " ")).Failure);
        (await Exclude(ann, "Why.")).Must();
        (await Exclude(ann, "Why again.")).Must();
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM audit_log"));
        var ben = await _product.Waiting("ben@example.com");
        (await _product.Do<InvitePerson, Outcome<CohortFacts>>(i => i.One(Product.Owner, ben.Id, null, default))).Must();
        Assert.Equal("This person is invited already. Revoke their code to take the invitation back. Nothing was changed.", (await Exclude(ben, "Why.")).Failure?.Detail);
        Assert.Empty(await _product.Violations());
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<string> Told(string id) => SupportSentence.Of((await _product.PersonOf(id))!, TimeProvider.System.GetUtcNow(), TimeZoneInfo.Utc).Happened;

    private Task<Outcome<bool>> Delete(Actor actor, long id) => _product.Do<NotePerson, Outcome<bool>>(n => n.Delete(actor, id, default));

    private Task<Outcome<EntryFacts>> Exclude(EntryFacts entry, string reason) => _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Sue, entry.Id, reason, default));
}

/// <summary>The reads of the dashboard, on the Core alone.</summary>
internal static class PersonReads
{
    public static TimelineQueries TimelineOf(this Product product) => new(product.One<Npgsql.NpgsqlDataSource>());

    public static Task<PersonFacts?> PersonOf(this Product product, string id)
    {
        var (source, counts) = (product.One<Npgsql.NpgsqlDataSource>(), new RecentCounts(TimeProvider.System));
        return new PersonQueries(source, new WaitlistQueries(source, product.One<InviteAdmin.Redis.RankBoard>(), product.One<Links>(), counts), new PeopleQueries(source, counts)).Find(id, default);
    }
}
