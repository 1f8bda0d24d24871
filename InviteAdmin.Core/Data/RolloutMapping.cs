using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Data;

internal static class RolloutMapping
{
    public static void Apply(ModelBuilder builder)
    {
        builder.Entity<Cohort>(e =>
        {
            e.ToTable("cohorts", t =>
            {
                t.HasCheckConstraint("ck_cohorts_state", "state IN ('released', 'undone', 'recalled')");
                t.HasCheckConstraint("ck_cohorts_counts", "invited >= 0 AND invited <= requested AND (free_seats IS NULL OR invited <= free_seats)");
                t.HasCheckConstraint("ck_cohorts_batch", "(plan_id IS NULL) = (local_date IS NULL)");
            });
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.Property(x => x.Demo).HasDefaultValue(false);
            e.HasOne<RolloutPlan>().WithMany().HasForeignKey(x => x.PlanId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.PublicId).IsUnique();
            e.HasIndex(x => x.Number).IsUnique();
            e.HasIndex(x => new { x.PlanId, x.LocalDate }).IsUnique().HasFilter("plan_id IS NOT NULL");
        });
        builder.Entity<CohortEntry>(e =>
        {
            e.ToTable("cohort_entries");
            e.HasKey(x => new { x.CohortId, x.EntryId });
            e.HasOne<Cohort>().WithMany().HasForeignKey(x => x.CohortId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<WaitlistEntry>().WithMany().HasForeignKey(x => x.EntryId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.EntryId);
        });
        builder.Entity<RolloutPlan>(e =>
        {
            e.ToTable("rollout_plans", t =>
            {
                t.HasCheckConstraint("ck_rollout_plans_state", "state IN ('draft', 'running', 'paused', 'completed')");
                t.HasCheckConstraint("ck_rollout_plans_batch", "batch_size BETWEEN 1 AND 100000");
                t.HasCheckConstraint("ck_rollout_plans_capacity", "capacity >= 0");
            });
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.Property(x => x.Version).HasColumnName("xmin").IsRowVersion();
            e.HasIndex(x => x.IsCurrent).IsUnique().HasFilter("is_current");
        });
        builder.Entity<RolloutDecision>(e =>
        {
            e.ToTable("rollout_decisions");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.At).HasDefaultValueSql("now()");
            e.Property(x => x.Inputs).HasColumnType("jsonb");
            e.HasOne<RolloutPlan>().WithMany().HasForeignKey(x => x.PlanId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<Cohort>().WithMany().HasForeignKey(x => x.CohortId).OnDelete(DeleteBehavior.Restrict);
            // A tick that fires twice, or in two processes, decides once.
            e.HasIndex(x => new { x.PlanId, x.LocalDate, x.Outcome }).IsUnique();
        });
    }
}
