using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>What the pages of codes and campaigns need: revocations that can be undone, refused attempts, and indexes for every filter.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000005_CodePages")]
public sealed class CodePages : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Revocations);
        migrationBuilder.Sql(Attempts);
        migrationBuilder.Sql(Mints);
        migrationBuilder.Sql(Indexes);
    }

    // One row for each click: of one code or of a whole campaign. It keeps what an undo gives back.
    private const string Revocations =
        """
        CREATE TABLE code_revocations (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          code_id bigint REFERENCES invite_codes (id) ON DELETE CASCADE,
          campaign_id bigint REFERENCES campaigns (id) ON DELETE CASCADE,
          reason text NOT NULL, revoked_by text NOT NULL, revoked_at timestamptz NOT NULL, undo_until timestamptz NOT NULL,
          codes integer NOT NULL, uses_ended bigint NOT NULL,
          entry_invited_at timestamptz, mails bigint[] NOT NULL DEFAULT '{}',
          undone_at timestamptz, undone_by text,
          CONSTRAINT ck_code_revocations_of_one CHECK (num_nonnulls(code_id, campaign_id) = 1),
          CONSTRAINT ck_code_revocations_undone CHECK ((undone_at IS NULL) = (undone_by IS NULL)));
        CREATE INDEX ix_code_revocations_code ON code_revocations (code_id, id) WHERE code_id IS NOT NULL;
        CREATE INDEX ix_code_revocations_campaign ON code_revocations (campaign_id, id) WHERE campaign_id IS NOT NULL;
        ALTER TABLE invite_codes ADD COLUMN revocation_id bigint;
        """;

    // One row for a code, hour and reason, however often somebody tries; codes nobody knows share the rows without a code.
    private const string Attempts =
        """
        CREATE TABLE code_attempts (
          code_id bigint REFERENCES invite_codes (id) ON DELETE CASCADE,
          hour timestamptz NOT NULL, reason text NOT NULL, attempts bigint NOT NULL, last_at timestamptz NOT NULL,
          CONSTRAINT ck_code_attempts_reason CHECK (reason IN ('expired', 'revoked', 'exhausted', 'email-registered', 'unknown') AND (code_id IS NULL) = (reason = 'unknown')));
        CREATE UNIQUE INDEX ux_code_attempts ON code_attempts (code_id, hour, reason) NULLS NOT DISTINCT;
        CREATE INDEX ix_code_attempts_hour ON code_attempts (hour);
        """;

    // The click that minted a campaign: the same click again finds it.
    private const string Mints =
        """
        ALTER TABLE campaigns ADD COLUMN request_key text;
        CREATE UNIQUE INDEX ux_campaigns_request_key ON campaigns (request_key) WHERE request_key IS NOT NULL;
        """;

    // Partial, so that a redemption writes to two of them at most besides its new codes. Their conditions match none of the hot statements, whose plans stay what they were. Those by id are by id + 0, so that a page that orders so can follow them alone.
    private const string Indexes =
        """
        CREATE INDEX ix_invite_codes_made ON invite_codes (kind, (id + 0)) WHERE kind IN ('campaign', 'vip');
        CREATE INDEX ix_invite_codes_spent ON invite_codes (kind, (id + 0)) WHERE used_count >= max_uses;
        CREATE INDEX ix_invite_codes_revoked ON invite_codes (kind, (id + 0)) WHERE status = 'revoked';
        CREATE INDEX ix_invite_codes_lapsed ON invite_codes (id) WHERE lapsed_at IS NOT NULL;
        CREATE INDEX ix_invite_codes_open ON invite_codes (kind, expires_at, id) WHERE status = 'active' AND used_count < max_uses AND lapsed_at IS NULL AND expires_at IS NOT NULL;
        CREATE INDEX ix_invite_codes_person_email ON invite_codes (person_email) WHERE person_email IS NOT NULL;
        """;
}
