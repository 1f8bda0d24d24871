using InviteAdmin.Access;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Referrals;

public sealed class ChangePointsTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task ChangePoints_GivenAndTakenBack_TheLedgerSaysBoth()
    {
        var first = await _product.Waiting("first@example.com");
        var later = await _product.Waiting("later@example.com");

        var changed = (await Change(later, 50)).Must();
        Assert.Equal((0, 50), (changed.Before, changed.After));
        Assert.Equal(later.Id, Assert.Single((await _product.Do<InviteAdmin.Rollout.ReleaseCohort, Outcome<InviteAdmin.Rollout.ReleasePreview>>(r => r.Preview(Product.Owner, new(1), default))).Must().Invited).EntryId);
        var back = (await TakeBack(later, changed.LedgerId)).Must();

        Assert.Equal((50, 0), (back.Before, back.After));
        Assert.IsType<PointsTakenBack>((await TakeBack(later, changed.LedgerId)).Failure);
        Assert.IsType<PointsTakenBack>((await TakeBack(first, changed.LedgerId)).Failure);
        Assert.Equal("[{\"points\": 0}, {\"points\": 50}, \"Helped at the fair.\"]", await _database.Scalar<string>("SELECT jsonb_build_array(before, after, reason)::text FROM audit_log WHERE action = 'points.changed'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ChangePoints_SameKeyManyTimes_CountsOnce()
    {
        var entry = await _product.Waiting("once@example.com");

        var answers = await Race.Of(10, _ => Change(entry, 5, "the same"));

        Assert.All(answers, a => Assert.Equal(5, a.Must().After));
        Assert.Equal((1L, 1L), (await _database.Scalar<long>("SELECT count(*) FROM points_ledger"), await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'points.changed'")));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task TakeBack_ManyAtOnce_HappensOnce()
    {
        var entry = await _product.Waiting("back@example.com");
        var changed = (await Change(entry, 20)).Must();

        var answers = await Race.Of(8, _ => TakeBack(entry, changed.LedgerId));

        Assert.Single(answers, a => a.Succeeded);
        Assert.Equal(0, await _database.Scalar<int>($"SELECT points FROM waitlist_entries WHERE public_id = '{entry.Id}'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ChangePoints_AgainstAFriendWhoConfirms_LosesNeither()
    {
        var entry = await _product.Waiting("busy@example.com");

        await Race.Of(20, async i => i % 2 == 0 ? (object)(await Change(entry, 1)).Must() : await _product.Waiting($"friend{i}@example.com", referral: entry.ReferralToken));

        Assert.Equal(10 + (10 * 5), await _database.Scalar<int>($"SELECT points FROM waitlist_entries WHERE public_id = '{entry.Id}'"));
        Assert.Empty(await _product.Violations());
    }

    [Theory]
    [InlineData(0, "A reason.", "points")]
    [InlineData(10_001, "A reason.", "points")]
    [InlineData(-10_001, "A reason.", "points")]
    [InlineData(5, " ", "reason")]
    public async Task ChangePoints_BadInput_NamesTheField(int points, string reason, string field)
    {
        var entry = await _product.Waiting("bad@example.com");
        Assert.Equal([field], Assert.IsType<Invalid>((await _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.One(Product.Owner, entry.Id, points, reason, "key", default))).Failure).Fields.Keys);
    }

    [Fact]
    public async Task ChangePoints_WhereItMakesNoSense_SaysWhyAndChangesNothing()
    {
        var entry = await _product.Waiting("none@example.com");
        Assert.Equal("They have 0 points; no more than these can be taken. Nothing was changed.", (await Change(entry, -1)).Failure?.Detail);
        Assert.IsType<NotFound>((await Change(entry with { Id = "wl_nobody" }, 1)).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.One(Actor.Staff("2", "Sue", [Role.Support]), entry.Id, 1, "Why.", "k", default))).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.TakeBack(Actor.Staff("2", "Sue", [Role.Support]), entry.Id, 1, null, default))).Failure);
        (await _product.Do<DeclineEntry, Outcome<EntryFacts>>(x => x.ById(Product.Owner, entry.Id, null, default))).Must();
        Assert.Equal("This person has left the waitlist. Points only order the waitlist, so none were changed.", (await Change(entry, 1)).Failure?.Detail);
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM points_ledger"));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<Outcome<ChangedPoints>> Change(EntryFacts entry, int points, string? key = null) =>
        _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.One(Product.Owner, entry.Id, points, "Helped at the fair.", key ?? Guid.NewGuid().ToString("N"), default));

    private Task<Outcome<ChangedPoints>> TakeBack(EntryFacts entry, long ledgerId) => _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.TakeBack(Product.Owner, entry.Id, ledgerId, "A mistake.", default));
}
