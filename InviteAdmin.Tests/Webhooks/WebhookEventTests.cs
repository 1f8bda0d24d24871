using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using InviteAdmin.Webhooks;

namespace InviteAdmin.Tests.Webhooks;

/// <summary>Every type of event from the flow that causes it, with the fields that docs/webhooks.md names.</summary>
public sealed class WebhookEventTests : HookContext
{
    private const string Entry = "confirmedAt declinedAt email id invitedAt joinedAt name points position referralToken referredBy source status";
    private const string Code = "campaign code entryId expiresAt kind ownerId tier";

    private static readonly Dictionary<string, string> Shapes = new(StringComparer.Ordinal)
    {
        ["waitlist.joined"] = Entry, ["waitlist.confirmed"] = Entry, ["waitlist.invited"] = $"{Entry} cohort code expiresAt", ["waitlist.declined"] = $"{Entry} reason",
        ["invite.redeemed"] = $"{Code} email memberEntryId memberTier name redeemedAt userId", ["invite.revoked"] = $"{Code} reason revokedAt", ["invite.lapsed"] = $"{Code} lapsedAt",
        ["referral.credited"] = "creditedAt email name referrals referredUserId tier userId", ["referral.milestone"] = "codes email grantedAt name threshold tier userId",
        ["cohort.released"] = "createdBy id invited note number releasedAt requested stage undoUntil", ["cohort.recalled"] = "id invited number recalledAt undone", ["rollout.held"] = "heldAt reason stage stageName waitsFor",
    };

    [Fact]
    public async Task Events_OfEveryType_ArriveFromTheirFlowsWithTheDocumentedFields()
    {
        await Add();
        (await Product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, new JoinRequest("new@example.com", "Ann <b>Example"), default))).Must();
        var token = await Database.Scalar<string>("SELECT confirm_token FROM waitlist_entries WHERE email = 'new@example.com'");
        (await Product.Do<ConfirmEmail, Outcome<EntryFacts>>(c => c.One(Actor.Public, token, default))).Must();
        for (var i = 0; i < 4; i++) await Product.Waiting($"person{i}@example.com");
        var cohort = await Product.Release(3);
        var entries = await Database.Scalar<string[]>("SELECT array_agg(public_id ORDER BY position) FROM waitlist_entries WHERE status = 'invited'");
        var member = (await Product.Redeem(await Shown(entries[0]), "new@example.com", verified: true)).Must();
        for (var i = 0; i < 3; i++) (await Product.Redeem(member.Codes[i].Code, $"friend{i}@example.com")).Must();
        await Product.Do<RevokeCode, Outcome<CodeFacts>>(async r => await r.One(Product.Owner, await Shown(entries[1]), "A mistake.", default));
        await Database.Execute("UPDATE invite_codes SET expires_at = now() - interval '1 minute' WHERE kind = 'waitlist' AND status = 'active' AND used_count = 0");
        await Product.Do<LapseInvitations, Outcome<LapseReport>>(l => l.Run(Actor.System, default));
        await Product.Do<DeclineEntry, Outcome<EntryFacts>>(d => d.ById(Product.Owner, entries[2], "Asked to.", default));
        await Product.Do<RecallCohort, Outcome<int>>(r => r.Recall(Product.Owner, cohort.Id, "The wrong list.", default));
        await Hold();
        await Deliver();

        // As they happened: between people there is no order in which they arrive.
        var events = await Database.Scalar<string[]>("SELECT array_agg(public_id ORDER BY id) FROM webhook_events");
        var taken = Receiver.Taken.OrderBy(t => Array.IndexOf(events, t.Id)).ToArray();
        Assert.Equal(WebhookEvent.All.Select(e => e.Type).Order(StringComparer.Ordinal), taken.Select(t => t.Type).Distinct().Order(StringComparer.Ordinal));
        Assert.All(taken, t => Assert.Equal(string.Join(' ', Shapes[t.Type].Split(' ').Order(StringComparer.Ordinal)), string.Join(' ', t.Data.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal))));
        Assert.All(taken, t => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", t.Json.GetProperty("timestamp").GetString()));
        Assert.Equal(taken.Length, taken.Select(t => t.Id).Distinct().Count());
        Assert.Equal(("new@example.com", "Ann <b>Example", "unconfirmed"), (Text(taken, "waitlist.joined", "email"), Text(taken, "waitlist.joined", "name"), Text(taken, "waitlist.joined", "status")));
        Assert.Equal((member.UserId, member.UserId), (Text(taken, "referral.milestone", "userId"), Text(taken, "referral.credited", "userId")));
        Assert.Equal((cohort.Id, 3), (Text(taken, "cohort.released", "id"), Of(taken, "cohort.released").GetProperty("invited").GetInt32()));
        Assert.Equal((cohort.Id, "A mistake."), (Text(taken, "waitlist.invited", "cohort"), Text(taken, "invite.revoked", "reason")));
        Assert.Equal((3, 3), (taken.Count(t => t.Type == "referral.credited"), Of(taken, "referral.milestone").GetProperty("threshold").GetInt32()));
        Assert.Equal("person", Text(taken, "rollout.held", "waitsFor"));
        // What one person lived through arrived in that order.
        Assert.Equal(["waitlist.joined", "waitlist.confirmed", "waitlist.invited", "invite.redeemed", "referral.credited", "referral.credited", "referral.credited", "referral.milestone"],
            await Database.Scalar<string[]>($"SELECT array_agg(d.type ORDER BY a.id) FROM webhook_attempts a JOIN webhook_deliveries d ON d.id = a.delivery_id WHERE d.subject = '{entries[0]}'"));
    }

    [Fact]
    public async Task Events_NobodyListensOrWhatIsRolledBack_WriteNothing()
    {
        await Product.Waiting("before@example.com");
        Assert.Equal(0L, await Database.Scalar<long>("SELECT count(*) FROM webhook_events"));

        var hook = await Add("/hook", "invite.redeemed");
        await Product.Waiting("other@example.com");
        await using (var connection = await Database.Source.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var lapse = new Npgsql.NpgsqlCommand("UPDATE webhook_endpoints SET events = NULL; UPDATE waitlist_entries SET status = 'declined', declined_at = now(), decline_reason = 'person'", connection);
            await lapse.ExecuteNonQueryAsync();
            await transaction.RollbackAsync();
        }

        Assert.Equal(0L, await Database.Scalar<long>("SELECT count(*) FROM webhook_events"));
        // Off, it is queued nothing, and what happened can be replayed.
        await Product.Do<ChangeWebhook, Outcome<bool>>(c => c.Choose(Product.Owner, hook.Id, null, default));
        await Product.Do<ChangeWebhook, Outcome<bool>>(c => c.Disable(Product.Owner, hook.Id, null, default));
        await Product.Waiting("while.off@example.com");
        Assert.Equal((2L, 0L), (await Database.Scalar<long>("SELECT count(*) FROM webhook_events"), await Count("true")));
    }

    [Fact]
    public async Task Release_UndoneInItsWindow_IsNeverHeardOf()
    {
        await Add();
        await using var slow = new Product(Database, ("Webhooks:AllowLoopback", "true"), ("Rollout:UndoSeconds", "60"));
        for (var i = 0; i < 3; i++) await slow.Waiting($"held{i}@example.com");
        var cohort = await slow.Release(2);
        await Deliver();
        Assert.DoesNotContain(Receiver.Taken, t => t.Type is "waitlist.invited" or "cohort.released");

        Assert.Equal(2, (await slow.Do<RecallCohort, Outcome<int>>(r => r.Undo(Product.Owner, cohort.Id, default))).Must());
        await DueNow();
        await Deliver();
        Assert.Equal(["waitlist.confirmed", "waitlist.joined"], Receiver.Taken.Select(t => t.Type).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Joins_Together_ShareOneInsertOfEvents()
    {
        await Add();
        await Product.JoinTogether([.. Enumerable.Range(0, 50).Select(i => new JoinRequest($"together{i}@example.com", "Ann", EmailVerified: true))]);
        Assert.Equal((100L, 1L), (await Database.Scalar<long>("SELECT count(*) FROM webhook_events"), await Database.Scalar<long>("SELECT count(DISTINCT xmin::text) FROM webhook_events")));
    }

    /// <summary>A plan sends a batch, a signal breaks its bound, and the plan waits for a person.</summary>
    private async Task Hold()
    {
        var stage = new StageRequest("Careful", 1, 2, 3, "auto", [new("signal", AtMost: 0.01, Name: "error_rate", Use: "max", Hours: 48)]);
        (await Product.Do<ChangePlan, Outcome<PlanSaved>>(p => p.Edit(Product.Owner, new("Etc/UTC", "00:00", PlanFacts.Week, null, null, [stage, stage with { Name = "Open", Gate = [] }]), default))).Must();
        (await Product.Do<ChangePlan, Outcome<bool>>(p => p.Run(Product.Owner, null, default))).Must();
        await Product.Do<RunPlan, Outcome<PlanDecision>>(p => p.Run(Actor.System, default));
        (await Product.Do<PostSignal, Outcome<bool>>(s => s.One(Product.Owner, new("error_rate", 0.02), default))).Must();
        await Product.Do<RunPlan, Outcome<PlanDecision>>(p => p.Run(Actor.System, default));
    }

    private Task<string> Shown(string entry) => Database.Scalar<string>($"SELECT c.shown FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id WHERE e.public_id = '{entry}' AND c.status = 'active'");

    private static JsonElement Of(IEnumerable<ReceivedWebhook> taken, string type) => taken.First(t => t.Type == type).Data;

    private static string? Text(IEnumerable<ReceivedWebhook> taken, string type, string field) => Of(taken, type).GetProperty(field).GetString();
}
