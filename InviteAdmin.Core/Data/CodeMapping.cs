using InviteAdmin.Campaigns;
using InviteAdmin.Invites;
using InviteAdmin.People;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Data;

internal static class CodeMapping
{
    public static void Apply(ModelBuilder builder)
    {
        builder.Entity<InviteCode>(e =>
        {
            e.ToTable("invite_codes", t =>
            {
                t.HasCheckConstraint("ck_invite_codes_uses", "used_count >= 0 AND used_count <= max_uses AND max_uses > 0");
                t.HasCheckConstraint("ck_invite_codes_kind", "kind IN ('personal', 'campaign', 'vip', 'waitlist')");
                t.HasCheckConstraint("ck_invite_codes_status", "status IN ('active', 'revoked') AND (status = 'revoked') = (revoked_at IS NOT NULL)");
                t.HasCheckConstraint("ck_invite_codes_canonical", "code ~ '^[0-9A-HJKMNP-Z]{4,64}$'");
                t.HasCheckConstraint("ck_invite_codes_belongs", """
                    CASE kind WHEN 'personal' THEN owner_member_id IS NOT NULL
                              WHEN 'campaign' THEN campaign_id IS NOT NULL
                              WHEN 'waitlist' THEN entry_id IS NOT NULL AND cohort_id IS NOT NULL
                              ELSE person_name IS NOT NULL END
                    """);
            });
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Kind).HasConversion<LowerCase<CodeKind>>();
            e.Property(x => x.Status).HasDefaultValue("active");
            e.Property(x => x.MaxUses).HasDefaultValue(1);
            e.Property(x => x.UsedCount).HasDefaultValue(0);
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.HasOne<Campaign>().WithMany().HasForeignKey(x => x.CampaignId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<Member>().WithMany().HasForeignKey(x => x.OwnerMemberId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<Cohort>().WithMany().HasForeignKey(x => x.CohortId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<WaitlistEntry>().WithMany().HasForeignKey(x => x.EntryId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.Code).IsUnique();
            e.HasIndex(x => new { x.CampaignId, x.Id }).HasFilter("campaign_id IS NOT NULL");
            e.HasIndex(x => x.OwnerMemberId).HasFilter("owner_member_id IS NOT NULL");
            e.HasIndex(x => x.CohortId).HasFilter("cohort_id IS NOT NULL");
            e.HasIndex(x => x.EntryId).HasFilter("entry_id IS NOT NULL");
            e.HasIndex(x => x.ExpiresAt, "ix_invite_codes_outstanding").HasFilter("kind = 'waitlist' AND status = 'active' AND used_count = 0");
            // One live invitation per entry is a rule of the database, not of the release statement.
            e.HasIndex(x => x.EntryId, "ux_invite_codes_live_invitation").IsUnique()
                .HasFilter("kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL");
        });
        builder.Entity<Redemption>(e =>
        {
            e.ToTable("redemptions");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.RedeemedAt).HasDefaultValueSql("now()");
            e.HasOne<Member>().WithMany().HasForeignKey(x => x.MemberId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<InviteCode>().WithMany().HasForeignKey(x => x.CodeId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.MemberId).IsUnique();
            e.HasIndex(x => new { x.CodeId, x.Id });
        });
        builder.Entity<Campaign>(e =>
        {
            e.ToTable("campaigns", t => t.HasCheckConstraint("ck_campaigns_counts", "codes > 0 AND max_uses_each > 0"));
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.Property(x => x.Demo).HasDefaultValue(false);
            e.HasIndex(x => x.PublicId).IsUnique();
            e.HasIndex(x => x.Slug).IsUnique();
        });
    }
}
