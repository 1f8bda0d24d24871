using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>A reward by staff stands once per member and knows its codes, so that it can be taken back until one of them is used.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000007_Rewards")]
public sealed class Rewards : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE reward_grants ADD COLUMN by_staff boolean NOT NULL DEFAULT false, ADD COLUMN granted_by text, ADD COLUMN tier_before text, ADD COLUMN undone_at timestamptz,
          ADD CONSTRAINT ck_reward_grants_by_staff CHECK (NOT by_staff OR threshold IS NULL AND reason IS NOT NULL AND granted_by IS NOT NULL AND tier_before IS NOT NULL),
          ADD CONSTRAINT ck_reward_grants_undone CHECK (undone_at IS NULL OR by_staff);
        CREATE UNIQUE INDEX ux_reward_grants_by_staff ON reward_grants (member_id) WHERE by_staff AND undone_at IS NULL;
        CREATE INDEX ix_reward_grants_threshold ON reward_grants (threshold, id) WHERE threshold IS NOT NULL;
        CREATE TABLE reward_codes (
          code_id bigint PRIMARY KEY REFERENCES invite_codes (id) ON DELETE CASCADE, grant_id bigint NOT NULL REFERENCES reward_grants (id) ON DELETE CASCADE);
        CREATE INDEX ix_reward_codes_grant_id ON reward_codes (grant_id);

        -- The view is not written out again, so that migrations beside this one may add to it too.
        DO $$
        BEGIN
          EXECUTE 'CREATE OR REPLACE VIEW invariant_check (invariant, violations) AS ' || rtrim(pg_get_viewdef('invariant_check'::regclass), E'; \n') || $add$
        UNION ALL SELECT 'one reward by staff stands per member', count(*) FROM (
          SELECT 1 FROM reward_grants WHERE by_staff AND undone_at IS NULL GROUP BY member_id HAVING count(*) > 1) x
        UNION ALL SELECT 'the codes of an undone reward were not used and end', count(*) FROM reward_grants g JOIN reward_codes k ON k.grant_id = g.id JOIN invite_codes c ON c.id = k.code_id
          WHERE g.undone_at IS NOT NULL AND (c.used_count > 0 OR c.status = 'active')
        UNION ALL SELECT 'every reward by staff has its audit row', count(*) FROM reward_grants g JOIN members m ON m.id = g.member_id
          WHERE g.by_staff AND (NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.target_kind = 'member' AND a.target_id = m.public_id AND a.action = 'member.rewarded')
            OR g.undone_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.target_kind = 'member' AND a.target_id = m.public_id AND a.action = 'reward.undone'))
        $add$;
        END $$;
        """);
}
