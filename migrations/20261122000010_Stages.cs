using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>What a staged plan needs: its stages and where it stands, what monitoring posts, on which days members were active, and which mails came back or were complained about.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000010_Stages")]
public sealed class Stages : Migration
{
    // How many batches of a stage went out is counted from its cohorts, so that no second number can differ from them.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE rollout_plans
          ADD COLUMN stages jsonb NOT NULL DEFAULT '[]', ADD COLUMN mail_per_minute integer CHECK (mail_per_minute > 0), ADD COLUMN stage integer NOT NULL DEFAULT 0 CHECK (stage >= 0),
          ADD COLUMN needs_person boolean NOT NULL DEFAULT false, ADD COLUMN approved boolean NOT NULL DEFAULT false, ADD COLUMN held_since timestamptz, ADD COLUMN held_reason text,
          DROP CONSTRAINT ck_rollout_plans_state,
          ADD CONSTRAINT ck_rollout_plans_state CHECK (state IN ('draft', 'running', 'soaking', 'holding', 'paused', 'completed')),
          ADD CONSTRAINT ck_rollout_plans_held CHECK ((held_since IS NULL) = (held_reason IS NULL));
        ALTER TABLE cohorts ADD COLUMN stage integer;
        CREATE INDEX ix_cohorts_stage ON cohorts (plan_id, stage) WHERE stage IS NOT NULL;
        CREATE TABLE signals (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, value double precision NOT NULL, at timestamptz NOT NULL, received_at timestamptz NOT NULL DEFAULT now());
        CREATE INDEX ix_signals_name ON signals (name, at DESC) INCLUDE (value);
        CREATE INDEX ix_signals_received ON signals (received_at);
        ALTER TABLE outbox ADD COLUMN bounced_at timestamptz, ADD COLUMN complained_at timestamptz;
        CREATE TABLE member_activity (
          member_id bigint NOT NULL REFERENCES members (id) ON DELETE CASCADE, day date NOT NULL, PRIMARY KEY (member_id, day));
        """);
}
