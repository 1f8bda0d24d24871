using InviteAdmin.Access;
using InviteAdmin.Audit;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Data;

internal static class AccessMapping
{
    public static void Apply(ModelBuilder builder)
    {
        builder.Entity<StaffUser>().ToTable("staff_users");
        builder.Entity<IdentityRole<long>>().ToTable("staff_roles");
        builder.Entity<IdentityUserRole<long>>().ToTable("staff_user_roles");
        builder.Entity<IdentityUserClaim<long>>().ToTable("staff_user_claims");
        builder.Entity<IdentityRoleClaim<long>>().ToTable("staff_role_claims");
        builder.Entity<IdentityUserLogin<long>>().ToTable("staff_user_logins");
        builder.Entity<IdentityUserToken<long>>().ToTable("staff_user_tokens");
        // What Identity's schema version 3 adds, mapped here so that design time and run time cannot differ.
        builder.Entity<IdentityUserPasskey<long>>(e =>
        {
            e.ToTable("staff_user_passkeys");
            e.HasKey(x => x.CredentialId);
            e.Property(x => x.CredentialId).HasMaxLength(1024);
            e.OwnsOne(x => x.Data).ToJson();
            e.HasOne<StaffUser>().WithMany().HasForeignKey(x => x.UserId);
        });

        builder.Entity<ApiKey>(e =>
        {
            e.ToTable("api_keys", t => t.HasCheckConstraint("ck_api_keys_scopes", "scopes <@ ARRAY['join', 'redeem', 'read', 'manage'] AND cardinality(scopes) > 0"));
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.HasIndex(x => x.PublicId).IsUnique();
            e.HasIndex(x => x.SecretHash).IsUnique();
        });
        builder.Entity<AuditRow>(e =>
        {
            e.ToTable("audit_log");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.At).HasDefaultValueSql("now()");
            e.Property(x => x.Before).HasColumnType("jsonb");
            e.Property(x => x.After).HasColumnType("jsonb");
            e.HasIndex(x => new { x.TargetKind, x.TargetId, x.Id });
        });
        builder.Entity<Operation>(e =>
        {
            e.ToTable("operations", t => t.HasCheckConstraint("ck_operations_state", "state IN ('queued', 'running', 'done', 'failed')"));
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Request).HasColumnType("jsonb");
            e.Property(x => x.Report).HasColumnType("jsonb");
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.HasIndex(x => x.PublicId).IsUnique();
            e.HasIndex(x => x.RequestKey).IsUnique();
            e.HasIndex(x => x.State).HasFilter("state IN ('queued', 'running')");
        });
        builder.Entity<ImportPiece>(e =>
        {
            e.ToTable("import_pieces");
            e.HasKey(x => new { x.FileId, x.Number });
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
        });
        builder.Entity<ImportReject>(e =>
        {
            e.ToTable("import_rejects");
            e.HasKey(x => new { x.OperationId, x.Line, x.Field });
            e.HasOne<Operation>().WithMany().HasForeignKey(x => x.OperationId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<IdempotencyKey>(e =>
        {
            e.ToTable("idempotency_keys");
            e.HasKey(x => new { x.Caller, x.Key });
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
            e.HasIndex(x => x.CreatedAt);
        });
        builder.Entity<DataProtectionKey>(e =>
        {
            e.ToTable("data_protection_keys");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
        });
        builder.Entity<Installation>(e =>
        {
            e.ToTable("installation", t => t.HasCheckConstraint("ck_installation_one", "id"));
            e.Property(x => x.CreatedAt).HasDefaultValueSql("now()");
        });
    }
}
