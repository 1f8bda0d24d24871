using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Campaigns;
using InviteAdmin.Insights;
using InviteAdmin.Invites;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Redis;
using InviteAdmin.Referrals;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using InviteAdmin.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>Registers everything of the Core: use cases scoped, connections and queues once.</summary>
public static class CoreServices
{
    public static IServiceCollection AddInviteAdminCore(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System).AddSingleton(new PlanClock());
        services.AddSingleton(provider => NpgsqlDataSource.Create(Tuned(provider)));
        services.AddSingleton(provider => new WriteSource(Tuned(provider)));
        services.AddDbContextFactory<InviteAdminDb>((provider, options) => options.UseNpgsql(
            provider.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.MigrationsAssembly("InviteAdmin.Migrations")));
        services.AddSingleton(provider => new RedisServer(
            provider.GetRequiredService<IConfiguration>().GetConnectionString("Redis"), provider.GetRequiredService<ILogger<RedisServer>>()));

        services.AddOptions<AppOptions>().BindConfiguration("App");
        services.AddRules<WaitlistOptions>("Waitlist", OptionRules.Problems).AddRules<InvitesOptions>("Invites", OptionRules.Problems)
            .AddRules<RolloutOptions>("Rollout", OptionRules.Problems).AddRules<MailOptions>("Mail", OptionRules.Problems)
            .AddRules<WebhooksOptions>("Webhooks", OptionRules.Problems);

        services.AddSingleton<Links>().AddSingleton<EmailHash>().AddSingleton<RedisKeys>().AddSingleton<RankBoard>().AddSingleton<LeaderBoard>().AddSingleton<RankFollower>();
        services.AddSingleton<PublishedTemplates>().AddSingleton<UnsubscribeLinks>().AddSingleton<SuppressionQueries>().AddSingleton<TemplateQueries>();
        services.AddSingleton<OutboxQueue>().AddSingleton<OutboxQueries>().AddSingleton<MailTemplates>().AddSingleton<OutboxDispatcher>();
        services.AddScoped<StaffChat>().AddSingleton<ChatSecret>().AddSingleton<ChatChannel>();
        services.AddSingleton<IMailChannel>(provider => provider.GetRequiredService<IOptions<MailOptions>>().Value.Channel switch
        {
            "smtp" => ActivatorUtilities.CreateInstance<SmtpChannel>(provider),
            "redis" => ActivatorUtilities.CreateInstance<RedisChannel>(provider),
            _ => ActivatorUtilities.CreateInstance<MailboxChannel>(provider),
        });
        services.AddSingleton<Operations>().AddSingleton<OperationRunner>().AddSingleton<InvariantCheck>().AddSingleton<CodeAttempts>().AddSingleton<Heartbeat>().AddSingleton<InspectSystem>();
        services.AddSingleton<EntryQueries>().AddSingleton<CodeQueries>().AddSingleton<CampaignQueries>().AddSingleton<CohortQueries>().AddSingleton<PlanQueries>().AddSingleton<DecisionQueries>().AddSingleton<GateCourses>().AddSingleton<ForecastQueries>().AddSingleton<CheckCohort>();
        services.AddSingleton<BrandRules>().AddScoped<ChangeBrand>().AddSingleton<WatchQueries>().AddScoped<ShowPlace>();
        services.AddSingleton<StatusQueries>().AddSingleton<MemberQueries>().AddSingleton<ReferralQueries>();
        services.AddSingleton<SourceQueries>().AddSingleton<MilestoneQueries>().AddSingleton<StaffQueries>();
        services.AddSingleton<ApiKeys>().AddSingleton<KeyQueries>().AddSingleton<IdempotencyKeys>().AddSingleton<RequestLog>().AddSingleton<RequestLogQueries>().AddSingleton<PersonLookUp>();

        services.AddScoped<Transactions>().AddScoped<RequestKey>();
        services.AddShared<JoinRow, JoinAnswer, JoinWrite>().AddShared<string, EntryFacts, ConfirmWrite>().AddShared<RedeemRow, RedeemAnswer, RedeemWrite>().AddShared<TryResult, bool, FinishMail>().AddShared<LeaveAsk, LeaveAnswer, LeaveCheck>();
        services.AddScoped<JoinWaitlist>().AddScoped<ConfirmEmail>().AddScoped<DeclineEntry>().AddScoped<ExcludeEntry>();
        services.AddScoped<ImportWaitlist>().AddScoped<ImportRun>().AddScoped<ImportMembers>().AddScoped<MemberImportRun>();
        services.AddScoped<RedeemInvite>().AddScoped<IssueCodes>().AddScoped<CreateVipCode>().AddSingleton<LifetimeRules>().AddScoped<ChangeLifetimes>().AddScoped<RevokeCode>().AddScoped<ResendInvitation>().AddScoped<LapseInvitations>();
        services.AddScoped<UndoRevocation>().AddScoped<ExtendCode>().AddScoped<RaiseLimit>().AddScoped<RevokeCampaign>().AddScoped<QueueMint>();
        services.AddScoped<MintCampaign>().AddScoped<ReleaseCohort>().AddScoped<QueueRelease>().AddScoped<RecallCohort>().AddScoped<RunPlan>().AddScoped<PostSignal>().AddSingleton<TryPlan>().AddScoped<RecordActivity>().AddScoped<ReadRollout>().AddScoped<ChangePlan>();
        services.AddScoped<SuppressAddress>().AddScoped<Unsubscribe>().AddScoped<TakeMailEvents>().AddScoped<ChangeTemplate>().AddScoped<SendTestMail>();
        services.AddScoped<RetryMail>().AddScoped<CreateApiKey>().AddScoped<RollApiKey>().AddScoped<RevokeApiKey>().AddScoped<ErasePerson>().AddScoped<ExportPerson>().AddScoped<ExportEverything>().AddScoped<ChangeSource>().AddScoped<ChangeMilestone>().AddScoped<ChangeStaff>();
        services.AddScoped<RewardMember>().AddScoped<UndoReward>().AddScoped<RefreshInsights>();
        services.AddWebhooks();
        services.AddScoped<InvitePerson>().AddScoped<ReplaceCode>().AddScoped<ChangePoints>().AddSingleton<PointRules>().AddScoped<ChangePointRules>().AddScoped<CountPoints>().AddSingleton<TryPoints>().AddScoped<NotePerson>();
        return services;
    }

    private static IServiceCollection AddShared<TItem, TValue, TWrite>(this IServiceCollection services) where TWrite : class, ISharedWrite<TItem, TValue> =>
        services.AddSingleton<TWrite>().AddSingleton(provider => new SharedCommit<TItem, TValue>(provider.GetRequiredService<WriteSource>(), provider.GetRequiredService<TWrite>()));

    // Bound, and checked at the start together with all other settings.
    private static IServiceCollection AddRules<T>(this IServiceCollection services, string section, Func<T, IEnumerable<string>> problems) where T : class
    {
        services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
        return services.AddSingleton<IValidateOptions<T>>(new Rules<T>(problems));
    }

    private sealed class Rules<T>(Func<T, IEnumerable<string>> problems) : IValidateOptions<T> where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options) => problems(options).ToArray() is { Length: > 0 } found ? ValidateOptionsResult.Fail(found) : ValidateOptionsResult.Success;
    }

    private static string Tuned(IServiceProvider provider) =>
        Tuned(provider.GetRequiredService<IConfiguration>().GetConnectionString("Postgres") ?? throw new InvalidOperationException("ConnectionStrings:Postgres is missing."));

    /// <summary>
    /// The operator's connection string with what it does not say itself: bounds in seconds, so that a server which is refused, cut off or swallowed by the network costs
    /// a request ten seconds at most (two for a connection, four for a command, and two connections' time to take it back), and no compiler for the planner.
    /// </summary>
    public static string Tuned(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        foreach (var (key, value) in (ReadOnlySpan<(string, object)>)
            [("Timeout", 2), ("Command Timeout", 4), ("Cancellation Timeout", 500), ("TCP Keepalive", true), ("TCP Keepalive Time", 5), ("TCP Keepalive Interval", 1),
             // Of several hosts, which is the primary now: asked again after a second, or a failover would take ten more.
             ("Host Recheck Seconds", 1)])
        {
            if (!settings.Keys.Contains(key))
            {
                settings[key] = value;
            }
        }

        // Our statements are many small parts that the planner overrates on small tables: compiling a redemption took 65 ms, four times what the whole request takes without.
        // A startup option, because a SET would be undone when the pool resets the session.
        // A process that is frozen in the middle of a transaction loses it when its lease would end, or its locks would stop all others for as long as it stays so.
        settings.Options = $"{settings.Options} -c jit=off -c idle_in_transaction_session_timeout=30s".Trim();
        return settings.ConnectionString;
    }

    /// <summary>The loops that every serving process runs: outbox, webhooks, ranks and long work.</summary>
    public static IServiceCollection AddInviteAdminLoops(this IServiceCollection services)
    {
        services.AddHostedService<DatabaseWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<Heartbeat>());
        services.AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher>());
        services.AddHostedService(provider => provider.GetRequiredService<WebhookDispatcher>());
        services.AddHostedService(provider => provider.GetRequiredService<RankFollower>());
        services.AddHostedService(provider => provider.GetRequiredService<OperationRunner>());
        services.AddHostedService(provider => provider.GetRequiredService<CodeAttempts>());
        services.AddHostedService(provider => provider.GetRequiredService<ApiKeys>());
        services.AddHostedService(provider => provider.GetRequiredService<RequestLog>());
        return services;
    }
}
