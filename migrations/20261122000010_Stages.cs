using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>
/// What a staged plan needs: its stages, versions and where it stands, decisions that can be made again, what monitoring posts, on which days members were
/// active, which mails came back or were complained about, and up to which ledger row each person of a cohort was ranked.
/// </summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000010_Stages")]
public sealed class Stages : Migration
{
    // How many batches of a stage went out is counted from its cohorts, so that no second number can differ from them.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE rollout_plans
          ADD COLUMN stages jsonb NOT NULL DEFAULT '[]', ADD COLUMN mail_per_minute integer CHECK (mail_per_minute > 0), ADD COLUMN stage integer NOT NULL DEFAULT 0 CHECK (stage >= 0),
          ADD COLUMN stage_from integer NOT NULL DEFAULT 0, ADD COLUMN waits_for text CHECK (waits_for IN ('gate', 'data', 'approval', 'person')),
          ADD COLUMN approved boolean NOT NULL DEFAULT false, ADD COLUMN held_since timestamptz, ADD COLUMN held_reason text,
          ADD COLUMN version integer NOT NULL DEFAULT 1, ADD COLUMN step integer NOT NULL DEFAULT 0,
          DROP CONSTRAINT ck_rollout_plans_state,
          ADD CONSTRAINT ck_rollout_plans_state CHECK (state IN ('draft', 'running', 'soaking', 'holding', 'paused', 'completed'));
        CREATE TABLE rollout_plan_versions (
          plan_id bigint NOT NULL REFERENCES rollout_plans (id), version integer NOT NULL, plan jsonb NOT NULL, saved_by text NOT NULL, saved_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (plan_id, version));
        ALTER TABLE rollout_decisions ADD COLUMN step integer NOT NULL DEFAULT 0, ADD COLUMN stage integer NOT NULL DEFAULT 0, ADD COLUMN decided jsonb, ADD COLUMN by_name text;
        DROP INDEX ux_rollout_decisions_plan_id_local_date_outcome;
        CREATE UNIQUE INDEX ux_rollout_decisions_step ON rollout_decisions (plan_id, local_date, outcome, step);
        CREATE INDEX ix_rollout_decisions_at ON rollout_decisions (plan_id, at DESC);
        ALTER TABLE cohorts ADD COLUMN stage integer;
        ALTER TABLE cohort_entries ADD COLUMN ledger_id bigint;
        CREATE TABLE signals (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, value double precision NOT NULL, at timestamptz NOT NULL, received_at timestamptz NOT NULL DEFAULT now());
        CREATE INDEX ix_signals_name ON signals (name, at DESC) INCLUDE (value);
        CREATE INDEX ix_signals_received ON signals (received_at);
        ALTER TABLE outbox ADD COLUMN bounced_at timestamptz, ADD COLUMN complained_at timestamptz;
        CREATE INDEX ix_outbox_invitations_sent ON outbox (sent_at) WHERE template = 'invitation' AND state = 'sent';
        CREATE TABLE member_activity (
          member_id bigint NOT NULL REFERENCES members (id) ON DELETE CASCADE, day date NOT NULL, PRIMARY KEY (member_id, day));

        CREATE FUNCTION is_invitation(template text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT template IN ('invitation', 'reminder', 'vip') $$;
        CREATE VIEW rollout_mail AS SELECT state = 'paused' OR waits_for IS NOT DISTINCT FROM 'person' AS halted, mail_per_minute FROM rollout_plans WHERE is_current;

        -- Invitations of a halted rollout wait, and those of a paced one take their time.
        DO $do$
        BEGIN
          EXECUTE 'CREATE OR REPLACE VIEW invariant_check (invariant, violations) AS SELECT * FROM (' || rtrim(pg_get_viewdef('invariant_check'::regclass), E'; \n') || $add$
            ) x (invariant, violations) WHERE invariant <> 'no outbox item is due and untouched'
            UNION ALL SELECT 'no outbox item is due and untouched', count(*) FROM outbox
              WHERE state = 'pending' AND lease_until IS NULL AND due_at < now() - interval '5 minutes'
                AND NOT (is_invitation(template) AND EXISTS (SELECT 1 FROM rollout_mail WHERE halted OR mail_per_minute IS NOT NULL))
          $add$;
        END $do$;
        """);
}
