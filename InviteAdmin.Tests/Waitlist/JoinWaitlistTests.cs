using InviteAdmin.Access;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Waitlist;

public sealed class JoinWaitlistTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncDisposable
{
    private readonly Product _product = new(database);

    [Fact]
    public async Task JoinWaitlist_SameMailboxWrittenDifferently_OneEntry()
    {
        var first = await _product.Waiting("Ann.Example@gmail.com");
        foreach (var variant in (string[])["annexample@GMAIL.com", "a.n.n.example+list@googlemail.com", " ann.example@gmail.com "])
        {
            var again = (await Join(new JoinRequest(variant, "Somebody", EmailVerified: true))).Must();
            Assert.False(again.IsNew);
            Assert.Equal(first.Id, again.Entry.Id);
        }
    }

    [Fact]
    public async Task JoinWaitlist_ThroughLinkAndConfirmed_CreditsBothOnce()
    {
        var referrer = await _product.Waiting("referrer@example.com");
        var joined = (await Join(new JoinRequest("friend@example.com", "Friend", Referral: referrer.ReferralToken))).Must();
        Assert.Equal(EntryStatus.Unconfirmed, joined.Entry.Status);
        Assert.Equal(0, await Points(referrer));

        var token = await _product.Database.Scalar<string>($"SELECT confirm_token FROM waitlist_entries WHERE public_id = '{joined.Entry.Id}'");
        var confirmed = (await Confirm(token)).Must();
        Assert.Equal((EntryStatus.Waiting, 10), (confirmed.Status, confirmed.Points));
        Assert.Equal(5, await Points(referrer));

        Assert.Equal(10, (await Confirm(token)).Must().Points);
        Assert.False((await Join(new JoinRequest("friend@example.com", "Friend", Referral: referrer.ReferralToken))).Must().IsNew);
        Assert.Equal(5, await Points(referrer));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task JoinWaitlist_SourceByName_OnlyForTrustedCallers()
    {
        Assert.Equal(20, (await _product.Waiting("hunter@example.com", source: "product hunt")).Points);
        var stranger = (await _product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Actor.Public, new JoinRequest("claims@example.com", "Claims", Source: "Product Hunt"), default))).Must();
        Assert.Equal(["source"], stranger.Warnings);
    }

    [Fact]
    public async Task JoinWaitlist_UnknownReferral_IsIgnoredAndNamed() =>
        Assert.Equal(["referral"], (await Join(new JoinRequest("lonely@example.com", "Lonely", Referral: "nobody"))).Must().Warnings);

    [Theory]
    [InlineData(null, "Ann", "email")]
    [InlineData("not an address", "Ann", "email")]
    [InlineData("a\0b@example.com", "Ann", "email")]
    [InlineData("\ud800@example.com", "Ann", "email")]
    [InlineData("ann@example.com", "", "name")]
    [InlineData("ann@example.com", "Buy at https://example.com", "name")]
    [InlineData("ann@example.com", "Visit www.example.com", "name")]
    [InlineData("ann@example.com", "line\nbreak", "name")]
    public async Task JoinWaitlist_BadField_NamesItAndAddsNothing(string? email, string? name, string field)
    {
        var before = await database.Scalar<long>("SELECT count(*) FROM waitlist_entries");
        var failure = Assert.IsType<Invalid>((await Join(new JoinRequest(email, name))).Failure);
        Assert.Equal([field], failure.Fields.Keys);
        Assert.Equal(before, await database.Scalar<long>("SELECT count(*) FROM waitlist_entries"));
    }

    [Fact]
    public async Task JoinWaitlist_ManyTogether_EachGetsItsOwnAnswerInOrder()
    {
        var referrer = await _product.Waiting("hub@example.com");
        var answers = await _product.JoinTogether(
            new JoinRequest("m1@example.com", "M", Referral: referrer.ReferralToken, EmailVerified: true),
            new JoinRequest("m2@example.com", "M", Referral: referrer.ReferralToken, EmailVerified: true), new JoinRequest("M1@example.com", "M", EmailVerified: true));
        Assert.Equal([true, true, false], answers.Select(a => a.Must().IsNew));
        Assert.Equal(answers[0].Must().Entry.Id, answers[2].Must().Entry.Id);
        Assert.Equal(10, await Points(referrer));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ConfirmEmail_UnknownOrExpiredToken_SaysWhich()
    {
        Assert.IsType<TokenUnknown>((await Confirm("nothing")).Failure);
        var joined = (await Join(new JoinRequest("late@example.com", "Late"))).Must();
        var token = await database.Scalar<string>($"UPDATE waitlist_entries SET confirm_expires_at = now() - interval '1 minute' WHERE public_id = '{joined.Entry.Id}' RETURNING confirm_token");
        Assert.IsType<TokenExpired>((await Confirm(token)).Failure);
        Assert.Equal("unconfirmed", await _product.StatusOf(joined.Entry));
    }

    [Fact]
    public async Task ConfirmEmail_PersonAndWhoTheyBroughtTogether_BothKeepEverything()
    {
        var parent = (await Join(new JoinRequest("parent@example.com", "Parent"))).Must().Entry;
        var child = (await Join(new JoinRequest("child@example.com", "Child", Referral: parent.ReferralToken))).Must().Entry;
        var tokens = new List<string>();
        foreach (var entry in (EntryFacts[])[child, parent])
        {
            tokens.Add(await database.Scalar<string>($"SELECT confirm_token FROM waitlist_entries WHERE public_id = '{entry.Id}'"));
        }

        var confirmed = await _product.Together(_product.One<ConfirmWrite>(), [.. tokens]);
        Assert.Equal([10, 5], confirmed.Select(c => c.Must().Points));
        Assert.Empty(await _product.Violations());
    }

    public ValueTask DisposeAsync() => _product.DisposeAsync();

    private Task<Outcome<JoinAnswer>> Join(JoinRequest request) => _product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, request, default));

    private Task<Outcome<EntryFacts>> Confirm(string token) => _product.Do<ConfirmEmail, Outcome<EntryFacts>>(c => c.One(Actor.Public, token, default));

    private Task<int> Points(EntryFacts entry) => database.Scalar<int>($"SELECT points FROM waitlist_entries WHERE public_id = '{entry.Id}'");
}
