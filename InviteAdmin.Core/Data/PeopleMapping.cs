using InviteAdmin.People;
using InviteAdmin.Referrals;
using InviteAdmin.Waitlist;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace InviteAdmin.Data;

internal static class PeopleMapping
{
    public static void Apply(ModelBuilder builder)
    {
        builder.HasSequence<long>("waitlist_position");
        builder.Entity<WaitlistEntry>(e =>
        {
            e.ToTable("waitlist_entries", t =>
            {
                t.HasCheckConstraint("ck_waitlist_entries_status", "status IN ('unconfirmed', 'waiting', 'invited', 'registered', 'declined')");
                t.HasCheckConstraint("ck_waitlist_entries_hold", "hold IN ('excluded', 'suppressed', 'review')");
                t.HasCheckConstraint("ck_waitlist_entries_decline_reason", "decline_reason IN ('person', 'staff', 'lapse', 'member')");
                t.HasCheckConstraint("ck_waitlist_entries_confirmed", "status <> 'waiting' OR confirmed_at IS NOT NULL");
                t.HasCheckConstraint("ck_waitlist_entries_not_self", "referred_by_id <> id");
            });
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Status).HasConversion<LowerCase<EntryStatus>>();
            e.Property(x => x.Position).HasDefaultValueSql("nextval('waitlist_position')");
            e.Property(x => x.Points).HasDefaultValue(0);
            e.Property(x => x.Lapses).HasDefaultValue(0);
            e.Property(x => x.Demo).HasDefaultValue(false);
            e.Property(x => x.JoinedAt).HasDefaultValueSql("now()");
            e.HasOne(x => x.Source).WithMany().HasForeignKey(x => x.SourceId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne(x => x.ReferredBy).WithMany().HasForeignKey(x => x.ReferredById).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.PublicId).IsUnique();
            e.HasIndex(x => x.CanonicalEmail).IsUnique();
            e.HasIndex(x => x.Position).IsUnique();
            e.HasIndex(x => x.ReferralToken).IsUnique();
            e.HasIndex(x => x.StatusToken).IsUnique();
            e.HasIndex(x => x.ConfirmToken).IsUnique().HasFilter("confirm_token IS NOT NULL");
            e.HasIndex(x => new { x.Points, x.Position }, "ix_waitlist_entries_rank").IsDescending(true, false).HasFilter("status = 'waiting'");
            e.HasIndex(x => x.JoinedAt);
            e.HasIndex(x => x.InvitedAt).HasFilter("invited_at IS NOT NULL");
            e.HasIndex(x => x.RegisteredAt).HasFilter("registered_at IS NOT NULL");
            e.HasIndex(x => x.SourceId).HasFilter("source_id IS NOT NULL");
            e.HasIndex(x => x.ReferredById).HasFilter("referred_by_id IS NOT NULL");
            e.HasIndex(x => x.ImportId).HasFilter("import_id IS NOT NULL");
            e.HasIndex(x => x.Hold).HasFilter("hold IS NOT NULL");
        });
        builder.Entity<Source>(e =>
        {
            e.ToTable("sources", t => t.HasCheckConstraint("ck_sources_points", "points BETWEEN 0 AND 10000"));
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.HasIndex(x => x.Slug).IsUnique();
            e.HasIndex(x => x.Name).IsUnique();
        });
        builder.Entity<PointsEntry>(e =>
        {
            e.ToTable("points_ledger", t =>
            {
                t.HasCheckConstraint("ck_points_ledger_kind", "kind IN ('arrived', 'brought', 'source', 'staff', 'reversal', 'rules')");
                t.HasCheckConstraint("ck_points_ledger_reversal", "(kind = 'reversal') = (reverses_id IS NOT NULL)");
            });
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.HasOne<WaitlistEntry>().WithMany().HasForeignKey(x => x.EntryId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<PointsEntry>().WithMany().HasForeignKey(x => x.ReversesId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => new { x.EntryId, x.Kind, x.Cause }).IsUnique();
            e.HasIndex(x => x.ReversesId).IsUnique().HasFilter("reverses_id IS NOT NULL");
        });
        builder.Entity<Member>(e =>
        {
            e.ToTable("members", t => t.HasCheckConstraint("ck_members_credited_referrals", "credited_referrals >= 0"));
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Tier).HasDefaultValue("standard");
            e.Property(x => x.Demo).HasDefaultValue(false);
            e.Property(x => x.RegisteredAt).HasDefaultValueSql("now()");
            e.HasOne<WaitlistEntry>().WithMany().HasForeignKey(x => x.EntryId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.PublicId).IsUnique();
            e.HasIndex(x => x.CanonicalEmail).IsUnique();
            e.HasIndex(x => x.EntryId).IsUnique().HasFilter("entry_id IS NOT NULL");
            e.HasIndex(x => new { x.CreditedReferrals, x.Id }, "ix_members_leaderboard").IsDescending(true, false);
            e.HasIndex(x => x.RegisteredAt);
        });
        builder.Entity<Referral>(e =>
        {
            e.ToTable("referrals", t =>
            {
                t.HasCheckConstraint("ck_referrals_not_self", "referrer_member_id <> referred_member_id");
                t.HasCheckConstraint("ck_referrals_status", "status IN ('credited', 'held', 'rejected')");
            });
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.HasOne<Member>().WithMany().HasForeignKey(x => x.ReferrerMemberId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<Member>().WithMany().HasForeignKey(x => x.ReferredMemberId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.ReferredMemberId).IsUnique();
            e.HasIndex(x => new { x.ReferrerMemberId, x.Id });
            e.HasIndex(x => x.CreatedAt);
        });
        builder.Entity<Milestone>(e =>
        {
            e.ToTable("milestones", t => t.HasCheckConstraint("ck_milestones", "threshold > 0 AND codes >= 0"));
            e.HasKey(x => x.Threshold);
            e.Property(x => x.Threshold).ValueGeneratedNever();
        });
        builder.Entity<RewardGrant>(e =>
        {
            e.ToTable("reward_grants", t => t.HasCheckConstraint("ck_reward_grants_codes", "codes >= 0"));
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.GrantedAt).HasDefaultValueSql("now()");
            e.HasOne<Member>().WithMany().HasForeignKey(x => x.MemberId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => new { x.MemberId, x.Threshold }).IsUnique();
        });
        builder.Entity<Suppression>(e =>
        {
            e.ToTable("suppressions");
            e.HasKey(x => x.EmailHash);
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
        });
    }
}

/// <summary>Enums are lower-case text in the database, so that psql reads like the design.</summary>
internal sealed class LowerCase<TEnum>() : ValueConverter<TEnum, string>(
    value => value.ToString().ToLowerInvariant(),
    text => Enum.Parse<TEnum>(text, true))
    where TEnum : struct, Enum;
