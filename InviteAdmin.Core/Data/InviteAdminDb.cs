using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Campaigns;
using InviteAdmin.Invites;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Referrals;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Data;

/// <summary>The database as LINQ sees it. Reads go through here; the hot writes are SQL in their use case's file.</summary>
public sealed class InviteAdminDb(DbContextOptions<InviteAdminDb> options) : IdentityDbContext<StaffUser, IdentityRole<long>, long>(options)
{
    public DbSet<WaitlistEntry> Entries => Set<WaitlistEntry>();

    public DbSet<Source> Sources => Set<Source>();

    public DbSet<PointsEntry> Points => Set<PointsEntry>();

    public DbSet<Member> Members => Set<Member>();

    public DbSet<Suppression> Suppressions => Set<Suppression>();

    public DbSet<InviteCode> Codes => Set<InviteCode>();

    public DbSet<Redemption> Redemptions => Set<Redemption>();

    public DbSet<Campaign> Campaigns => Set<Campaign>();

    public DbSet<Referral> Referrals => Set<Referral>();

    public DbSet<Milestone> Milestones => Set<Milestone>();

    public DbSet<RewardGrant> Grants => Set<RewardGrant>();

    public DbSet<Cohort> Cohorts => Set<Cohort>();

    public DbSet<CohortEntry> CohortEntries => Set<CohortEntry>();

    public DbSet<RolloutPlan> Plans => Set<RolloutPlan>();

    public DbSet<RolloutDecision> Decisions => Set<RolloutDecision>();

    public DbSet<OutboxItem> Outbox => Set<OutboxItem>();

    public DbSet<OutboxAttempt> OutboxAttempts => Set<OutboxAttempt>();

    public DbSet<MailboxMail> Mailbox => Set<MailboxMail>();

    public DbSet<AuditRow> AuditLog => Set<AuditRow>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<Operation> Operations => Set<Operation>();

    public DbSet<ImportPiece> ImportPieces => Set<ImportPiece>();

    public DbSet<ImportReject> ImportRejects => Set<ImportReject>();

    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public DbSet<Installation> Installations => Set<Installation>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        PeopleMapping.Apply(builder);
        CodeMapping.Apply(builder);
        RolloutMapping.Apply(builder);
        DeliveryMapping.Apply(builder);
        AccessMapping.Apply(builder);
        SnakeCase.Apply(builder);
    }
}
