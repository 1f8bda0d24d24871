using System.Globalization;
using System.Text;
using InviteAdmin.Access;
using InviteAdmin.Campaigns;
using InviteAdmin.Data;
using InviteAdmin.Insights;
using InviteAdmin.Invites;
using InviteAdmin.Jobs;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Redis;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Public;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Faults;

/// <summary>A flow that passes fault points: how to make ready for it, which gives the call itself.</summary>
/// <param name="Name">Its name in the points.</param>
/// <param name="Kind">commit, redis or smtp: which points it passes.</param>
/// <param name="Whole">Whether one call is one commit whose fault reaches the caller, so that a throw before it leaves no trace; otherwise something catches the fault or commits in steps.</param>
/// <param name="Web">Whether it needs the whole app and not only its core.</param>
/// <param name="Ready">Prepares one call; gets a number that no other call got.</param>
public sealed record FaultFlow(string Name, string Kind, bool Whole, Func<FaultLab, int, Task<Func<Task>>> Ready, bool Web = false)
{
    public IEnumerable<string> Points => FaultPoints.All.Where(p => p.EndsWith("-" + Kind, StringComparison.Ordinal));
}

/// <summary>Where the flows are run: the Core on one database, and a whole app on another for what needs the web.</summary>
public sealed class FaultLab(Product product, Product redisMail, Product smtpMail, RunningApp? app) : IAsyncDisposable
{
    public static FaultLab On(FreshDatabase database, FreshDatabase mail, int smtpPort, RunningApp? app) => new(
        new Product(database, ("Rollout:UndoSeconds", "0"), ("Webhooks:AllowLoopback", "true")), new Product(mail, ("Mail:Channel", "redis")),
        new Product(mail, ("Mail:Channel", "smtp"), ("Mail:Smtp:Host", "127.0.0.1"), ("Mail:Smtp:Port", smtpPort.ToString(CultureInfo.InvariantCulture)), ("Mail:Smtp:StartTls", "false")), app);

    public Product Product => product;

    public Product RedisMail => redisMail;

    public Product SmtpMail => smtpMail;

    public RunningApp App => app!;

    /// <summary>All rows of all tables in one text.</summary>
    public async Task<string> Fingerprint()
    {
        var tables = await product.Database.Scalar<string[]>("SELECT array_agg(quote_ident(relname) ORDER BY relname) FROM pg_stat_user_tables WHERE schemaname = 'public'");
        return await product.Database.Scalar<string>("SELECT " + string.Join(" || ", tables.Select(t => $"(SELECT coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {t} t)")));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in (Product[])[product, redisMail, smtpMail]) await one.DisposeAsync();
    }

    public async Task<string> NewCode() => (await product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest("Lab", 1, 5), default))).Must().Codes[0];

    public async Task<EntryFacts> Invited(int n)
    {
        var entry = await product.Waiting($"invited-{n}@example.com");
        (await product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new ReleaseRequest(1, EntryIds: [entry.Id]), default))).Must();
        return entry;
    }

    /// <summary>Ends a count that a fault broke off; the version of the point rules.</summary>
    public async Task<uint> NothingCounted()
    {
        await Execute("UPDATE operations SET state = 'failed', lease_until = NULL WHERE kind = 'points' AND state IN ('queued', 'running'); UPDATE rollout_plans SET counting = NULL");
        return (await product.Do<ChangePointRules, PointRuleFacts>(x => x.Read(default))).Version;
    }

    /// <summary>The id of a new member.</summary>
    public async Task<string> Member(string email) => (await product.Redeem(await NewCode(), email)).Must().UserId;

    public async Task Execute(string sql)
    {
        await using var command = product.Database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task Mail(Product to, int n)
    {
        await using var command = to.Database.Source.CreateCommand($"INSERT INTO outbox (template, dedupe_key, recipient, payload) VALUES ('welcome', 'lab:{n}', 'lab-{n}@example.com', '{{\"name\": \"Ann\", \"statusToken\": \"t\", \"referralToken\": \"r\"}}')");
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>All flows that pass fault points. A flow that is missing here fails <see cref="FaultPointTests"/>.</summary>
public static class FaultFlows
{
    public static readonly IReadOnlyList<FaultFlow> All =
    [
        Commit("JoinWrite", (lab, n) => Call(() => lab.Product.Waiting($"join-{n}@example.com"))),
        Commit("ConfirmWrite", async (lab, n) =>
        {
            (await lab.Product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, new JoinRequest($"confirm-{n}@example.com", "Ann"), default))).Must();
            var token = await lab.Product.Database.Scalar<string>($"SELECT confirm_token FROM waitlist_entries WHERE email = 'confirm-{n}@example.com'");
            return () => lab.Product.Do<ConfirmEmail, Outcome<EntryFacts>>(c => c.One(Actor.Public, token, default));
        }),
        Commit("DeclineEntry", async (lab, n) =>
        {
            var entry = await lab.Product.Waiting($"decline-{n}@example.com");
            return () => lab.Product.Do<DeclineEntry, Outcome<EntryFacts>>(d => d.ById(Product.Owner, entry.Id, "Asked to.", default));
        }),
        Commit("ExcludeEntry", async (lab, n) =>
        {
            var entry = await lab.Product.Waiting($"exclude-{n}@example.com");
            return () => lab.Product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Product.Owner, entry.Id, "A test.", default));
        }),
        Commit("ImportWaitlist", (lab, n) => Call(() => lab.Product.Do<ImportWaitlist, Outcome<string>>(i => i.Upload(Product.Owner, new MemoryStream(Csv(n)), default)))),
        new("ImportRun", "commit", Whole: false, async (lab, n) =>
        {
            var file = (await lab.Product.Do<ImportWaitlist, Outcome<string>>(i => i.Upload(Product.Owner, new MemoryStream(Csv(n)), default))).Must();
            (await lab.Product.Do<ImportWaitlist, Outcome<string>>(i => i.Start(Product.Owner, file, "list.csv", false, $"lab-{n}", default))).Must();
            return async () => { while (await lab.Product.One<OperationRunner>().Step(default)) { } };
        }),
        Commit("MintCampaign", (lab, n) => Call(() => lab.Product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest($"Campaign {n}", 2, 5), default)))),
        Commit("QueueMint", (lab, n) => Call(() => lab.Product.Do<QueueMint, Outcome<string>>(q => q.Start(Product.Owner, new MintRequest($"Queued {n}", 2_000, 1), $"lab-{n}", default)))),
        Commit("CreateApiKey", (lab, n) => Call(() => lab.Product.Do<CreateApiKey, Outcome<NewKey>>(k => k.One(Product.Owner with { May = Actor.System.May }, $"Key {n}", [Scope.Join], default)))),
        Commit("RollApiKey", async (lab, n) =>
        {
            var key = (await lab.Product.Do<CreateApiKey, Outcome<NewKey>>(k => k.One(Actor.System, $"Rolled {n}", [Scope.Join], default))).Must().Id;
            return () => lab.Product.Do<RollApiKey, Outcome<NewKey>>(k => k.One(Actor.System, key, default));
        }),
        Commit("RevokeApiKey", async (lab, n) =>
        {
            var key = (await lab.Product.Do<CreateApiKey, Outcome<NewKey>>(k => k.One(Actor.System, $"Revoked {n}", [Scope.Join], default))).Must().Id;
            return () => lab.Product.Do<RevokeApiKey, Outcome<bool>>(k => k.One(Actor.System, key, "A test.", default));
        }),
        Commit("ErasePerson", async (lab, n) =>
        {
            var entry = await lab.Invited(n);
            return () => lab.Product.Do<ErasePerson, Outcome<ErasedPerson>>(e => e.One(Product.Owner, entry.Id, "A test.", default));
        }),
        Commit("ExportPerson", async (lab, n) =>
        {
            var entry = await lab.Product.Waiting($"export-{n}@example.com");
            return () => lab.Product.Do<ExportPerson, Outcome<PersonExport>>(e => e.One(Product.Owner, entry.Id, default));
        }),
        Commit("CreateVipCode", (lab, n) => Call(() => lab.Product.Do<CreateVipCode, Outcome<GivenCode>>(v => v.One(Product.Owner, new VipRequest($"Person {n}"), default)))),
        Commit("IssueCodes", async (lab, n) =>
        {
            var code = await lab.NewCode();
            (await lab.Product.Redeem(code, $"issue-{n}@example.com")).Must();
            var member = await lab.Product.Database.Scalar<string>($"SELECT public_id FROM members WHERE email = 'issue-{n}@example.com'");
            return () => lab.Product.Do<IssueCodes, Outcome<IReadOnlyList<GivenCode>>>(i => i.ToMember(Product.Owner, member, 2, default));
        }),
        Commit("RewardMember", async (lab, n) =>
        {
            var member = await lab.Member($"reward-{n}@example.com");
            return () => lab.Product.Do<RewardMember, Outcome<RewardGiven>>(r => r.One(Product.Owner, member, "A test.", default));
        }),
        Commit("UndoReward", async (lab, n) =>
        {
            var member = await lab.Member($"undo-reward-{n}@example.com");
            (await lab.Product.Do<RewardMember, Outcome<RewardGiven>>(r => r.One(Product.Owner, member, "A test.", default))).Must();
            return () => lab.Product.Do<UndoReward, Outcome<int>>(u => u.One(Product.Owner, member, default));
        }),
        Commit("RefreshInsights", async (lab, n) =>
        {
            await lab.Product.Waiting($"insight-{n}@example.com");
            return () => lab.Product.Do<RefreshInsights, Outcome<InsightReport>>(r => r.Run(Actor.System, default));
        }),
        Commit("RedeemWrite", async (lab, n) =>
        {
            var code = await lab.NewCode();
            return () => lab.Product.Redeem(code, $"redeem-{n}@example.com");
        }),
        Commit("ResendInvitation", async (lab, n) =>
        {
            var entry = await lab.Invited(n);
            await lab.Execute("UPDATE outbox SET state = 'sent', sent_at = now() WHERE template = 'invitation' AND state = 'pending'");
            return () => lab.Product.Do<ResendInvitation, Outcome<Resent>>(r => r.One(Product.Owner, entry.Id, default));
        }),
        Commit("ReplaceCode", async (lab, n) =>
        {
            var entry = await lab.Invited(n);
            var code = await lab.Product.CodeOf(entry);
            return () => lab.Product.Do<ReplaceCode, Outcome<GivenCode>>(r => r.One(Product.Owner, entry.Id, code, "A test.", default));
        }),
        Commit("InvitePerson", async (lab, n) =>
        {
            var entry = await lab.Product.Waiting($"person-{n}@example.com");
            return () => lab.Product.Do<InvitePerson, Outcome<CohortFacts>>(i => i.One(Product.Owner, entry.Id, null, default));
        }),
        Commit("ChangePoints", async (lab, n) =>
        {
            var entry = await lab.Product.Waiting($"points-{n}@example.com");
            return () => lab.Product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.One(Product.Owner, entry.Id, 5, "A test.", $"lab-{n}", default));
        }),
        Commit("NotePerson", async (lab, n) =>
        {
            var entry = await lab.Product.Waiting($"note-{n}@example.com");
            return () => lab.Product.Do<NotePerson, Outcome<long>>(x => x.Add(Product.Owner, entry.Id, "A test.", $"lab-{n}", default));
        }),
        Commit("RevokeCode", async (lab, n) =>
        {
            var code = await lab.NewCode();
            return () => lab.Product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Product.Owner, code, "A test.", default));
        }),
        Commit("UndoRevocation", async (lab, n) =>
        {
            var code = await lab.NewCode();
            (await lab.Product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Product.Owner, code, "A test.", default))).Must();
            return () => lab.Product.Do<UndoRevocation, Outcome<RevocationUndone>>(u => u.OfCode(Product.Owner, code, default));
        }),
        Commit("RevokeCampaign", async (lab, n) =>
        {
            var slug = (await lab.Product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest($"Revoked {n}", 3, 2), default))).Must().Slug;
            return () => lab.Product.Do<RevokeCampaign, Outcome<RevokedCampaign>>(r => r.All(Product.Owner, slug, "A test.", default));
        }),
        Commit("ExtendCode", async (lab, n) =>
        {
            var code = await lab.NewCode();
            return () => lab.Product.Do<ExtendCode, Outcome<CodeFacts>>(x => x.One(Product.Owner, code, new ExtendRequest(DateTimeOffset.UtcNow.AddDays(9), null), default));
        }),
        Commit("RaiseLimit", async (lab, n) =>
        {
            var code = await lab.NewCode();
            return () => lab.Product.Do<RaiseLimit, Outcome<CodeFacts>>(x => x.One(Product.Owner, code, new LimitRequest(9, 5), default));
        }),
        Commit("LapseInvitations", async (lab, n) =>
        {
            var entry = await lab.Invited(n);
            await lab.Execute($"UPDATE invite_codes SET expires_at = now() - interval '1 minute' WHERE entry_id = (SELECT id FROM waitlist_entries WHERE public_id = '{entry.Id}')");
            return () => lab.Product.Do<LapseInvitations, Outcome<LapseReport>>(l => l.Run(Actor.System, default));
        }),
        Commit("ReleaseCohort", async (lab, n) =>
        {
            await lab.Product.Waiting($"release-{n}@example.com");
            return () => lab.Product.Release(1);
        }),
        Commit("QueueRelease", async (lab, n) =>
        {
            await lab.Product.Waiting($"queue-{n}@example.com");
            return () => lab.Product.Do<QueueRelease, Outcome<string>>(q => q.Start(Product.Owner, new ReleaseRequest(1), $"lab-{n}", default));
        }),
        Commit("RecallCohort", async (lab, n) =>
        {
            await lab.Product.Waiting($"recall-{n}@example.com");
            var cohort = await lab.Product.Release(1);
            return () => lab.Product.Do<RecallCohort, Outcome<int>>(r => r.Recall(Product.Owner, cohort.Id, "A test.", default));
        }),
        Commit("ChangePlan", async (lab, n) =>
        {
            await lab.Execute("UPDATE rollout_plans SET state = 'draft'");
            return () => lab.Product.Do<ChangePlan, Outcome<bool>>(async p =>
            {
                var paused = await p.Pause(Product.Owner, $"Test {n}.", default);
                await lab.Execute("UPDATE rollout_plans SET state = 'draft'");
                return paused;
            });
        }),
        Commit("ChangeLifetimes", async (lab, n) =>
        {
            var version = (await lab.Product.Do<ChangeLifetimes, LifetimeFacts>(x => x.Read(default))).Version;
            return () => lab.Product.Do<ChangeLifetimes, Outcome<LifetimeFacts>>(x => x.Save(Product.Owner, new(7, 2, 30, 1 + (n % 3_000)), version, default));
        }),
        Commit("ChangeSource", (lab, n) => Call(() => lab.Product.Do<ChangeSource, Outcome<long>>(x => x.Add(Product.Owner, $"Source {n}", 1, default)))),
        // High enough that nobody has reached it.
        Commit("ChangeMilestone", (lab, n) => Call(() => lab.Product.Do<ChangeMilestone, Outcome<int>>(x => x.Add(Product.Owner, 1_000 + n, 1, null, default)))),
        Commit("ChangeStaff", async (lab, n) =>
        {
            await lab.Execute($"INSERT INTO staff_users (display_name, email, email_confirmed, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count) VALUES ('Ann', 'staff-{n}@example.com', true, false, false, true, 0)");
            var id = await lab.Product.Database.Scalar<long>($"SELECT id FROM staff_users WHERE email = 'staff-{n}@example.com'");
            return () => lab.Product.Do<ChangeStaff, Outcome<bool>>(x => x.Close(Product.Owner, id, true, "A test.", default));
        }),
        .. HookFlows.All,
        .. MailFlows.All,
        .. BrandFlows.All,
        .. MemberImportFlows.All,
        Commit("PostSignal", (lab, n) => Call(() => lab.Product.Do<PostSignal, Outcome<bool>>(s => s.One(Product.Owner, new($"signal-{n}", n), default)))),
        Commit("RecordActivity", async (lab, n) =>
        {
            var member = await lab.Member($"active-{n}@example.com");
            return () => lab.Product.Do<RecordActivity, Outcome<bool>>(a => a.One(Product.Owner, member, null, default));
        }),
        Commit("ChangePointRules", async (lab, n) =>
        {
            var version = await lab.NothingCounted();
            return () => lab.Product.Do<ChangePointRules, Outcome<PointRuleFacts>>(x => x.Save(Product.Owner, new(10, 1 + (n % 3_000)), false, version, default));
        }),
        new("CountPoints", "commit", Whole: false, async (lab, n) =>
        {
            var version = await lab.NothingCounted();
            (await lab.Product.Do<ChangePointRules, Outcome<PointRuleFacts>>(x => x.Save(Product.Owner, new(10, 1 + (n % 3_000)), true, version, default))).Must();
            return async () => { while (await lab.Product.One<OperationRunner>().Step(default)) { } };
        }),
        new("RunPlan", "commit", Whole: false, async (lab, n) =>
        {
            await lab.Execute("UPDATE rollout_plans SET state = 'draft', send_at = '00:00'");
            return () => lab.Product.Do<RunPlan, Outcome<PlanDecision>>(b => b.Run(Actor.System, default));
        }),
        Commit("RetryMail", async (lab, n) =>
        {
            await lab.Mail(lab.Product, n);
            await lab.Execute($"UPDATE outbox SET state = 'dead' WHERE dedupe_key = 'lab:{n}'");
            var id = await lab.Product.Database.Scalar<long>($"SELECT id FROM outbox WHERE dedupe_key = 'lab:{n}'");
            return () => lab.Product.Do<RetryMail, Outcome<bool>>(r => r.One(Product.Owner, id, default));
        }),
        new("DemoLaunch", "commit", Whole: false, (lab, _) => Call(() => lab.Product.Do<DemoLaunch, bool>(d => d.IsLoaded(default)))),
        new("ClaimOperation", "commit", Whole: false, (lab, _) => Call(() => lab.Product.One<Operations>().Claim(default))),
        Commit("ClaimMail", async (lab, n) =>
        {
            await lab.Mail(lab.Product, n);
            return () => lab.Product.One<OutboxQueue>().Claim(1_000, TimeSpan.FromMinutes(5), default);
        }),
        new("FinishMail", "commit", Whole: false, Delivered),
        new("LeaveCheck", "commit", Whole: false, Delivered),
        new("MailboxChannel", "commit", Whole: false, Delivered),
        new("RankFollower", "commit", Whole: true, (lab, n) => Ranked(lab, n)),
        new("CreateStaff", "commit", Whole: false, Web: true, Ready: (lab, n) => Call(async () => await Web<CreateStaff, Outcome<long>>(lab, s => s.One(Actor.System, $"staff-{n}@example.com", "Ann", Role.Viewer, "a long enough pass-phrase", default)))),
        new("JobBoard", "commit", Whole: false, Web: true, Ready: (lab, _) => Call(async () => await Web<JobBoard, Outcome<bool>>(lab, b => b.RunNow(Product.Owner with { May = Actor.System.May }, "sweep", default)))),
        new("WaitlistFiles", "commit", Whole: false, Web: true, Ready: (lab, _) => Page(lab, "/admin/waitlist.csv")),
        new("ReferralFiles", "commit", Whole: false, Web: true, Ready: (lab, _) => Page(lab, "/admin/referrals.csv")),
        new("InsightFiles", "commit", Whole: false, Web: true, Ready: (lab, _) => Page(lab, "/admin/insights/people.csv")),
        new("CodeFiles", "commit", Whole: false, Web: true, Ready: (lab, _) => Page(lab, "/admin/codes.csv")),
        new("PeopleFiles", "commit", Whole: false, Web: true, Ready: (lab, _) => Page(lab, "/admin/people.csv")),
        new("AuditFiles", "commit", Whole: false, Web: true, Ready: (lab, _) => Page(lab, "/admin/audit.csv")),
        new("RolloutFiles", "commit", Whole: false, Web: true, Ready: (lab, _) => Page(lab, "/admin/rollout.csv")),
        new("CampaignFiles", "commit", Whole: false, Web: true, Ready: async (lab, _) =>
        {
            var slug = (await Web<MintCampaign, Outcome<MintedCampaign>>(lab, m => m.One(Product.Owner, new MintRequest("File", 1, 1), default))).Must().Slug;
            return await Page(lab, $"/admin/campaigns/{slug}/codes.csv");
        }),
        new("CampaignCalls", "commit", Whole: false, Web: true, Ready: async (lab, _) =>
        {
            var slug = (await Web<MintCampaign, Outcome<MintedCampaign>>(lab, m => m.One(Product.Owner, new MintRequest("Call", 1, 1), default))).Must().Slug;
            return async () => { using var client = ApiClient.For(lab.App); await client.Get($"/campaigns/{slug}/codes.csv"); };
        }),
        new("Replay", "commit", Whole: false, Web: true, Ready: (lab, n) => Call(async () =>
        {
            // Nothing inside opens a transaction, and yet the refusal is kept for the key.
            using var client = ApiClient.For(lab.App);
            await client.Post("/waitlist", new { email = "", name = "" }, $"lab-{n}");
        })),
        new("RankFollower", "redis", Whole: false, (lab, n) => Ranked(lab, n)),
        new("RankBoard", "redis", Whole: false, (lab, _) => Rested(lab.Product, async () => await lab.Product.One<RankBoard>().Of(EntryStatus.Waiting, 0, 1, default))),
        new("LeaderBoard", "redis", Whole: false, (lab, _) => Rested(lab.Product, async () => await lab.Product.One<LeaderBoard>().Top(10, default))),
        new("RateLimits", "redis", Whole: false, Web: true, Ready: (lab, n) => Call(async () =>
        {
            await WaitFor.True(async () => (await Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<RedisServer>(lab.App.Services).Try(db => db.PingAsync(), default)).Answered);
            await Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<InviteAdmin.Api.RateLimits>(lab.App.Services).Take(new Microsoft.AspNetCore.Http.DefaultHttpContext(), InviteAdmin.Api.RateLimits.Forms, $"lab-{n}");
        })),
        new("RedisChannel", "redis", Whole: false, async (lab, n) =>
        {
            await lab.Mail(lab.RedisMail, n);
            return await Rested(lab.RedisMail, () => lab.RedisMail.One<OutboxDispatcher>().Step(default));
        }),
        new("SmtpChannel", "smtp", Whole: false, async (lab, n) =>
        {
            await lab.Mail(lab.SmtpMail, n);
            return () => lab.SmtpMail.One<OutboxDispatcher>().Step(default);
        }),
    ];

    internal static FaultFlow Commit(string name, Func<FaultLab, int, Task<Func<Task>>> ready) => new(name, "commit", Whole: true, ready);

    internal static Task<Func<Task>> Call(Func<Task> act) => Task.FromResult(act);

    // After a fault Redis is left alone for a second.
    private static async Task<Func<Task>> Rested(Product product, Func<Task> act)
    {
        await WaitFor.True(async () => (await product.One<RedisServer>().Try(db => db.PingAsync(), default)).Answered);
        return act;
    }

    internal static byte[] Csv(int n) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"email,name\nimported-{n}@example.com,Ann\n"));

    private static async Task<Func<Task>> Delivered(FaultLab lab, int n)
    {
        await lab.Execute("UPDATE outbox SET state = 'cancelled', lease_until = NULL, lease_token = NULL WHERE state = 'pending'");
        await lab.Mail(lab.Product, n);
        return () => lab.Product.One<OutboxDispatcher>().Step(default);
    }

    private static async Task<Func<Task>> Ranked(FaultLab lab, int n)
    {
        await lab.Product.Waiting($"ranked-{n}@example.com");
        return await Rested(lab.Product, () => lab.Product.One<RankFollower>().Step(default));
    }

    private static async Task<Func<Task>> Page(FaultLab lab, string path)
    {
        var client = new FormClient(lab.App);
        var owner = SignedIn.As(Role.Owner);
        await client.Send("/sign-in", "/sign-in", ("email", owner.Email), ("password", owner.Password));
        return async () => { using (client) await client.Get(path); };
    }

    private static async Task<TResult> Web<T, TResult>(FaultLab lab, Func<T, Task<TResult>> call) where T : notnull
    {
        await using var scope = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.CreateAsyncScope(lab.App.Services);
        return await call(Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<T>(scope.ServiceProvider));
    }
}
