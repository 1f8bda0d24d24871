using InviteAdmin.Access;
using InviteAdmin.Campaigns;
using InviteAdmin.Invites;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Redis;
using InviteAdmin.Referrals;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
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
    public static IServiceCollection AddInviteAdminCore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => NpgsqlDataSource.Create(provider.GetRequiredService<IConfiguration>().GetConnectionString("Postgres")
            ?? throw new InvalidOperationException("ConnectionStrings:Postgres is missing.")));
        services.AddDbContextFactory<InviteAdminDb>((provider, options) => options.UseNpgsql(
            provider.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.MigrationsAssembly("InviteAdmin.Migrations")));
        services.AddSingleton(provider => new RedisServer(
            provider.GetRequiredService<IConfiguration>().GetConnectionString("Redis"), provider.GetRequiredService<ILogger<RedisServer>>()));

        services.Configure<AppOptions>(configuration.GetSection("App"));
        services.Configure<WaitlistOptions>(configuration.GetSection("Waitlist"));
        services.Configure<InvitesOptions>(configuration.GetSection("Invites"));
        services.Configure<RolloutOptions>(configuration.GetSection("Rollout"));
        services.Configure<MailOptions>(configuration.GetSection("Mail"));

        services.AddSingleton<Links>().AddSingleton<EmailHash>().AddSingleton<RankBoard>().AddSingleton<RankFollower>();
        services.AddSingleton<OutboxQueue>().AddSingleton<MailTemplates>().AddSingleton<OutboxDispatcher>();
        services.AddSingleton<IMailChannel>(provider => provider.GetRequiredService<IOptions<MailOptions>>().Value.Channel switch
        {
            "smtp" => ActivatorUtilities.CreateInstance<SmtpChannel>(provider),
            "redis" => ActivatorUtilities.CreateInstance<RedisChannel>(provider),
            _ => ActivatorUtilities.CreateInstance<MailboxChannel>(provider),
        });
        services.AddSingleton<Operations>().AddSingleton<OperationRunner>().AddSingleton<InvariantCheck>();
        services.AddSingleton<EntryQueries>().AddSingleton<CodeQueries>().AddSingleton<CampaignQueries>().AddSingleton<CohortQueries>();
        services.AddSingleton<StatusQueries>().AddSingleton<MemberQueries>().AddSingleton<ReferralQueries>();
        services.AddSingleton<ApiKeys>().AddSingleton<IdempotencyKeys>();

        services.AddScoped<Transactions>();
        services.AddScoped<JoinWaitlist>().AddScoped<ConfirmEmail>().AddScoped<DeclineEntry>().AddScoped<ExcludeEntry>();
        services.AddScoped<ImportWaitlist>().AddScoped<ImportRun>();
        services.AddScoped<RedeemInvite>().AddScoped<IssueCodes>().AddScoped<CreateVipCode>().AddScoped<RevokeCode>().AddScoped<ResendInvitation>().AddScoped<LapseInvitations>();
        services.AddScoped<MintCampaign>().AddScoped<ReleaseCohort>().AddScoped<QueueRelease>().AddScoped<RecallCohort>().AddScoped<RunDailyBatch>().AddScoped<ChangePlan>();
        services.AddScoped<RetryMail>().AddScoped<CreateApiKey>();
        return services;
    }

    /// <summary>The loops that every serving process runs: outbox, ranks and long work.</summary>
    public static IServiceCollection AddInviteAdminLoops(this IServiceCollection services)
    {
        services.AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher>());
        services.AddHostedService(provider => provider.GetRequiredService<RankFollower>());
        services.AddHostedService(provider => provider.GetRequiredService<OperationRunner>());
        return services;
    }
}
