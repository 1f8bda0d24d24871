using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>What developers need: keys that are rolled with an overlap, and the log of requests. And people who were erased, with the rule that no address of theirs is left.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261123000015_Developers")]
public sealed class Developers : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Keys);
        migrationBuilder.Sql(Log);
        migrationBuilder.Sql(Erased);
    }

    // A rolled key stays the same key: its scopes, idempotency keys, limits and log go on, whichever of its two secrets is sent.
    private const string Keys =
        """
        ALTER TABLE api_keys ADD COLUMN previous_hash bytea, ADD COLUMN previous_prefix text, ADD COLUMN previous_until timestamptz, ADD COLUMN previous_used_at timestamptz,
          ADD COLUMN rolled_at timestamptz, ADD COLUMN revoked_by text,
          ADD CONSTRAINT ck_api_keys_previous CHECK ((previous_hash IS NULL) = (previous_until IS NULL) AND (previous_hash IS NULL) = (previous_prefix IS NULL));
        CREATE UNIQUE INDEX ux_api_keys_previous_hash ON api_keys (previous_hash) WHERE previous_hash IS NOT NULL;
        """;

    // For the eye only: nothing refers to it, no rule rests on it, and what comes too fast is counted and left out.
    private const string Log =
        """
        CREATE TABLE request_log (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, ms real NOT NULL, method text NOT NULL, route text NOT NULL, path text NOT NULL, status smallint NOT NULL,
          problem text, key_id text, idempotency_key text, replayed boolean NOT NULL, request_id text NOT NULL, body text);
        CREATE INDEX ix_request_log_key ON request_log (key_id, id);
        CREATE INDEX ix_request_log_refused ON request_log (id) WHERE status >= 400;
        CREATE INDEX ix_request_log_request ON request_log (request_id);
        CREATE TABLE request_log_missed (hour timestamptz PRIMARY KEY, requests bigint NOT NULL);
        """;

    // Their rows stay, without the person in them: positions, points, redemptions and who brought whom rest on them.
    private const string Erased =
        """
        ALTER TABLE waitlist_entries ADD COLUMN erased_at timestamptz, DROP CONSTRAINT ck_waitlist_entries_decline_reason,
          ADD CONSTRAINT ck_waitlist_entries_decline_reason CHECK (decline_reason IN ('person', 'staff', 'lapse', 'member', 'erased'));
        ALTER TABLE members ADD COLUMN erased_at timestamptz;
        CREATE INDEX ix_waitlist_entries_erased ON waitlist_entries (id) WHERE erased_at IS NOT NULL;
        CREATE INDEX ix_members_erased ON members (id) WHERE erased_at IS NOT NULL;

        DO $$
        BEGIN
          EXECUTE 'CREATE OR REPLACE VIEW invariant_check (invariant, violations) AS ' || rtrim(pg_get_viewdef('invariant_check'::regclass), E'; \n') || $add$
        UNION ALL SELECT 'an erased person leaves no address', count(*) FROM (
          SELECT 1 FROM waitlist_entries WHERE erased_at IS NOT NULL AND (email NOT LIKE 'erased-%@erased.invalid' OR canonical_email <> email)
          UNION ALL SELECT 1 FROM members WHERE erased_at IS NOT NULL AND (email NOT LIKE 'erased-%@erased.invalid' OR canonical_email <> email)
          UNION ALL SELECT 1 FROM waitlist_entries e JOIN outbox o ON o.entry_id = e.id WHERE e.erased_at IS NOT NULL AND o.recipient NOT LIKE 'erased-%@erased.invalid' AND o.lease_until IS NULL
          UNION ALL SELECT 1 FROM members m JOIN outbox o ON o.member_id = m.id WHERE m.erased_at IS NOT NULL AND o.recipient NOT LIKE 'erased-%@erased.invalid' AND o.lease_until IS NULL
          UNION ALL SELECT 1 FROM waitlist_entries e JOIN notes n ON n.entry_id = e.id WHERE e.erased_at IS NOT NULL
          UNION ALL SELECT 1 FROM members m JOIN notes n ON n.member_id = m.id WHERE m.erased_at IS NOT NULL) x
        $add$;
        END $$;
        """;
}
