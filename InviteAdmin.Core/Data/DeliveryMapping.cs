using InviteAdmin.Outbox;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Data;

internal static class DeliveryMapping
{
    public static void Apply(ModelBuilder builder)
    {
        builder.Entity<OutboxItem>(e =>
        {
            e.ToTable("outbox", t =>
            {
                t.HasCheckConstraint("ck_outbox_state", "state IN ('pending', 'sent', 'dead', 'cancelled', 'suppressed')");
                t.HasCheckConstraint("ck_outbox_sent", "(state = 'sent') = (sent_at IS NOT NULL)");
                t.HasCheckConstraint("ck_outbox_kind", "kind IN ('mail', 'notification', 'chat')");
                t.HasCheckConstraint("ck_outbox_lease", "(lease_until IS NULL) = (lease_token IS NULL)");
            });
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Ignore(x => x.MessageId).Ignore(x => x.TemplateVersion);
            e.Property(x => x.Kind).HasDefaultValue("mail");
            e.Property(x => x.State).HasDefaultValue("pending");
            e.Property(x => x.Attempts).HasDefaultValue(0);
            e.Property(x => x.Payload).HasColumnType("jsonb");
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.Property(x => x.DueAt).HasDefaultValueSql("now()");
            e.HasIndex(x => x.DedupeKey).IsUnique();
            e.HasIndex(x => x.DueAt, "ix_outbox_due").HasFilter("state = 'pending' AND lease_until IS NULL");
            e.HasIndex(x => x.LeaseUntil, "ix_outbox_leased").HasFilter("lease_until IS NOT NULL");
            e.HasIndex(x => x.EntryId).HasFilter("entry_id IS NOT NULL");
            e.HasIndex(x => x.MemberId).HasFilter("member_id IS NOT NULL");
            e.HasIndex(x => x.CohortId).HasFilter("cohort_id IS NOT NULL");
            e.HasIndex(x => x.State, "ix_outbox_failed").HasFilter("state IN ('dead', 'suppressed')");
        });
        builder.Entity<OutboxAttempt>(e =>
        {
            e.ToTable("outbox_attempts");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.At).HasDefaultValueSql("now()");
            e.HasOne<OutboxItem>().WithMany().HasForeignKey(x => x.OutboxId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => x.OutboxId);
        });
        builder.Entity<MailboxMail>(e =>
        {
            e.ToTable("mailbox");
            e.HasKey(x => x.OutboxId);
            e.Property(x => x.OutboxId).ValueGeneratedNever();
            e.Property(x => x.SentAt).HasDefaultValueSql("now()");
            e.HasOne<OutboxItem>().WithMany().HasForeignKey(x => x.OutboxId).OnDelete(DeleteBehavior.Cascade);
        });
    }
}
