using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>What the model cannot say: code and ledger functions, triggers, the seeded rules and the invariants.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000002_Rules")]
public sealed class Rules : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Functions);
        migrationBuilder.Sql(RankChanges);
        migrationBuilder.Sql(ImportRows);
        migrationBuilder.Sql(AppendOnly);
        migrationBuilder.Sql(Seeds);
        migrationBuilder.Sql(InvariantCheck);
        migrationBuilder.Sql("CREATE SCHEMA IF NOT EXISTS quartz");
    }

    // gen_random_uuid() draws from the server's cryptographic generator; bytes 6 and 8 carry version bits and are left out.
    private const string Functions =
        """
        CREATE FUNCTION new_code() RETURNS text LANGUAGE sql VOLATILE AS $$
          SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (get_byte(u.b, i) & 31) + 1, 1), '')
          FROM (SELECT uuid_send(gen_random_uuid()) AS b) u, unnest(ARRAY[0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14]) i
        $$;
        CREATE FUNCTION show_code(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
          SELECT substr(code, 1, 4) || '-' || substr(code, 5, 4) || '-' || substr(code, 9, 4)
        $$;
        """;

    // The live rank in Redis follows this table. A trigger writes it, so that no statement can forget to.
    private const string RankChanges =
        """
        CREATE TABLE rank_changes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry_id bigint NOT NULL);
        CREATE FUNCTION note_rank_inserts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO rank_changes (entry_id) SELECT id FROM fresh WHERE status = 'waiting' ORDER BY id;
          RETURN NULL;
        END $$;
        CREATE FUNCTION note_rank_updates() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO rank_changes (entry_id)
          SELECT n.id FROM fresh n JOIN stale o ON o.id = n.id
          WHERE (n.status = 'waiting') <> (o.status = 'waiting') OR n.status = 'waiting' AND n.points <> o.points
          ORDER BY n.id;
          RETURN NULL;
        END $$;
        CREATE FUNCTION note_rank_deletes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO rank_changes (entry_id) SELECT id FROM stale WHERE status = 'waiting' ORDER BY id;
          RETURN NULL;
        END $$;
        CREATE TRIGGER rank_inserts AFTER INSERT ON waitlist_entries REFERENCING NEW TABLE AS fresh
          FOR EACH STATEMENT EXECUTE FUNCTION note_rank_inserts();
        CREATE TRIGGER rank_updates AFTER UPDATE ON waitlist_entries REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
          FOR EACH STATEMENT EXECUTE FUNCTION note_rank_updates();
        CREATE TRIGGER rank_deletes AFTER DELETE ON waitlist_entries REFERENCING OLD TABLE AS stale
          FOR EACH STATEMENT EXECUTE FUNCTION note_rank_deletes();
        """;

    // Rows of a CSV between reading and adding them; they go as they are added.
    private const string ImportRows =
        """
        CREATE TABLE import_rows (
          operation_id bigint NOT NULL REFERENCES operations (id) ON DELETE CASCADE, line bigint NOT NULL,
          email text NOT NULL, canonical text NOT NULL, name text NOT NULL, source text, referred_by text, joined_at timestamptz,
          confirmed boolean NOT NULL, added boolean NOT NULL DEFAULT false, PRIMARY KEY (operation_id, line));
        CREATE INDEX ix_import_rows_next ON import_rows (operation_id, joined_at, line) WHERE NOT added;
        """;

    // Rights alone would not stop the tables' owner, which the application is in its embedded default.
    private const string AppendOnly =
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END $$;
        CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
          FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        """;

    private const string Seeds =
        """
        INSERT INTO installation (id, name, hash_key, demo_loaded)
        VALUES (true, replace(gen_random_uuid()::text, '-', ''), uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), false);
        INSERT INTO milestones (threshold, codes, tier) VALUES (3, 3, NULL), (5, 3, NULL), (10, 3, NULL), (25, 28, 'vip'), (50, 3, NULL);
        INSERT INTO sources (slug, name, points)
        SELECT replace(gen_random_uuid()::text, '-', ''), name, points FROM (VALUES ('Product Hunt', 20), ('Twitter', 5)) s(name, points);
        INSERT INTO rollout_plans (state, zone, send_at, days, batch_size, capacity, is_current)
        VALUES ('draft', 'Etc/UTC', '09:00', ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], 100, NULL, true);
        """;

    private const string InvariantCheck =
        """
        CREATE VIEW invariant_check (invariant, violations) AS
        SELECT 'code uses stay within the limit', count(*) FROM invite_codes WHERE used_count < 0 OR used_count > max_uses
        UNION ALL SELECT 'used count equals redemptions', count(*) FROM (
          SELECT 1 FROM invite_codes c LEFT JOIN (SELECT code_id, count(*) AS n FROM redemptions GROUP BY code_id) r ON r.code_id = c.id
          WHERE c.used_count <> coalesce(r.n, 0)) x
        UNION ALL SELECT 'one row per canonical code, in canonical form', count(*) FROM (
          SELECT 1 FROM invite_codes GROUP BY code HAVING count(*) > 1 UNION ALL SELECT 1 FROM invite_codes WHERE code !~ '^[0-9A-HJKMNP-Z]+$') x
        UNION ALL SELECT 'no redemption after expiry or revocation', count(*) FROM redemptions r JOIN invite_codes c ON c.id = r.code_id
          WHERE r.redeemed_at > c.expires_at OR r.redeemed_at > c.revoked_at
        UNION ALL SELECT 'members hold no more codes than granted', count(*) FROM (
          SELECT 1 FROM (SELECT owner_member_id AS id, count(*) AS held FROM invite_codes WHERE kind = 'personal' GROUP BY 1) c
          JOIN members m ON m.id = c.id LEFT JOIN (SELECT member_id, sum(codes) AS granted FROM reward_grants GROUP BY 1) g ON g.member_id = m.id
          WHERE c.held > m.base_codes + coalesce(g.granted, 0)) x
        UNION ALL SELECT 'one live entry per canonical email', count(*) FROM (SELECT 1 FROM waitlist_entries GROUP BY canonical_email HAVING count(*) > 1) x
        UNION ALL SELECT 'one member per canonical email', count(*) FROM (SELECT 1 FROM members GROUP BY canonical_email HAVING count(*) > 1) x
        UNION ALL SELECT 'one redemption per member', count(*) FROM (
          SELECT 1 FROM members m LEFT JOIN (SELECT member_id, count(*) AS n FROM redemptions GROUP BY 1) r ON r.member_id = m.id WHERE coalesce(r.n, 0) <> 1) x
        UNION ALL SELECT 'a registered entry has its member', count(*) FROM waitlist_entries e FULL JOIN (SELECT * FROM members WHERE entry_id IS NOT NULL) m ON m.entry_id = e.id
          WHERE (e.status = 'registered') IS DISTINCT FROM (m.id IS NOT NULL)
        UNION ALL SELECT 'positions are unique', count(*) FROM (SELECT 1 FROM waitlist_entries GROUP BY position HAVING count(*) > 1) x
        UNION ALL SELECT 'points equal the ledger', count(*) FROM (
          SELECT 1 FROM waitlist_entries e LEFT JOIN (SELECT entry_id, sum(points) AS total FROM points_ledger GROUP BY 1) l ON l.entry_id = e.id
          WHERE e.points <> coalesce(l.total, 0)) x
        UNION ALL SELECT 'one credit per entry, kind and cause', count(*) FROM (SELECT 1 FROM points_ledger GROUP BY entry_id, kind, cause HAVING count(*) > 1) x
        UNION ALL SELECT 'no credit from an unconfirmed or the same person', count(*) FROM points_ledger l
          LEFT JOIN waitlist_entries o ON o.id = CASE WHEN l.kind = 'brought' THEN substr(l.cause, 7)::bigint ELSE l.entry_id END
          WHERE l.kind IN ('arrived', 'brought', 'source') AND (o.confirmed_at IS NULL OR l.cause = 'entry:' || l.entry_id)
        UNION ALL SELECT 'a reversal mirrors exactly one row', count(*) FROM points_ledger v LEFT JOIN points_ledger o ON o.id = v.reverses_id
          WHERE v.kind = 'reversal' AND (o.id IS NULL OR o.entry_id <> v.entry_id OR o.points <> -v.points)
        UNION ALL SELECT 'no cycle of referrals', (SELECT count(*) FROM referrals) - count(*) FROM (
          WITH RECURSIVE down AS (
            SELECT r.referred_member_id FROM referrals r WHERE NOT EXISTS (SELECT 1 FROM referrals up WHERE up.referred_member_id = r.referrer_member_id)
            UNION ALL SELECT r.referred_member_id FROM down d JOIN referrals r ON r.referrer_member_id = d.referred_member_id)
          SELECT 1 FROM down) x
        UNION ALL SELECT 'one referrer per member, never oneself', count(*) FROM (
          SELECT 1 FROM referrals GROUP BY referred_member_id HAVING count(*) > 1 UNION ALL SELECT 1 FROM referrals WHERE referrer_member_id = referred_member_id) x
        UNION ALL SELECT 'credited count equals credited referrals', count(*) FROM (
          SELECT 1 FROM members m LEFT JOIN (SELECT referrer_member_id AS id, count(*) AS n FROM referrals WHERE status = 'credited' GROUP BY 1) r ON r.id = m.id
          WHERE m.credited_referrals <> coalesce(r.n, 0)) x
        UNION ALL SELECT 'one grant per member and threshold', count(*) FROM (
          SELECT 1 FROM reward_grants WHERE threshold IS NOT NULL GROUP BY member_id, threshold HAVING count(*) > 1) x
        UNION ALL SELECT 'no grant unearned', count(*) FROM reward_grants g JOIN members m ON m.id = g.member_id WHERE g.threshold > m.credited_referrals
        UNION ALL SELECT 'no grant missed', count(*) FROM members m JOIN milestones s ON s.threshold <= m.credited_referrals
          WHERE m.credited_referrals > 0 AND NOT EXISTS (SELECT 1 FROM reward_grants g WHERE g.member_id = m.id AND g.threshold = s.threshold)
        UNION ALL SELECT 'one batch per plan and date', count(*) FROM (
          SELECT 1 FROM cohorts WHERE plan_id IS NOT NULL GROUP BY plan_id, local_date HAVING count(*) > 1) x
        UNION ALL SELECT 'invited equals the rows of the cohort, within request and capacity', count(*) FROM (
          SELECT 1 FROM cohorts c LEFT JOIN (SELECT cohort_id, count(*) AS n FROM cohort_entries GROUP BY 1) e ON e.cohort_id = c.id
          WHERE c.invited <> coalesce(e.n, 0) OR c.invited > c.requested OR c.invited > c.free_seats) x
        UNION ALL SELECT 'an invited entry has one live code and one invitation', count(*) FROM (
          -- Grouped and not joined: before the first ANALYZE a join of these takes minutes where this takes a second.
          SELECT 1 FROM (
            SELECT id AS entry_id, 1 AS invited, 0 AS codes, 0 AS mails FROM waitlist_entries WHERE status = 'invited'
            UNION ALL SELECT max(entry_id), 0, 1, sum(mail) FROM (
              SELECT id AS code_id, entry_id, 1 AS live, 0 AS mail FROM invite_codes WHERE kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL
              UNION ALL SELECT code_id, NULL, 0, 1 FROM outbox WHERE template = 'invitation' AND dedupe_key LIKE 'invitation:%') c
            GROUP BY code_id HAVING sum(live) = 1) e
          GROUP BY entry_id HAVING sum(invited) = 1 AND (sum(codes) <> 1 OR sum(mails) <> 1)) x
        UNION ALL SELECT 'no orphan waitlist code', count(*) FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id
          WHERE c.kind = 'waitlist' AND c.status = 'active' AND c.used_count = 0 AND c.lapsed_at IS NULL AND e.status <> 'invited'
        UNION ALL SELECT 'no long work stands still', count(*) FROM operations WHERE state = 'running' AND lease_until < now() - interval '10 minutes'
        UNION ALL SELECT 'outbox dedupe keys are unique', count(*) FROM (SELECT 1 FROM outbox GROUP BY dedupe_key HAVING count(*) > 1) x
        UNION ALL SELECT 'sent outbox items have their time', count(*) FROM outbox WHERE (state = 'sent') <> (sent_at IS NOT NULL)
        UNION ALL SELECT 'no outbox item is past its lease', count(*) FROM outbox WHERE state = 'pending' AND lease_until < now() - interval '5 minutes'
        UNION ALL SELECT 'no outbox item is due and untouched', count(*) FROM outbox WHERE state = 'pending' AND lease_until IS NULL AND due_at < now() - interval '5 minutes'
        UNION ALL SELECT 'nothing was sent after suppression', count(*) FROM outbox o JOIN suppressions s ON s.email_hash = o.recipient_hash WHERE o.sent_at > s.created_at
        UNION ALL SELECT 'idempotency keys are unique', count(*) FROM (SELECT 1 FROM idempotency_keys GROUP BY caller, key HAVING count(*) > 1) x
        UNION ALL SELECT 'every cohort and campaign has its audit row', count(*) FROM (
          SELECT 1 FROM cohorts c WHERE NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.target_kind = 'cohort' AND a.target_id = c.public_id)
          UNION ALL SELECT 1 FROM campaigns c WHERE NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.target_kind = 'campaign' AND a.target_id = c.public_id)) x
        UNION ALL SELECT 'every recall and revocation by a person has its audit row', count(*) FROM (
          SELECT 1 FROM cohorts c WHERE c.recalled_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM audit_log a WHERE a.target_kind = 'cohort' AND a.target_id = c.public_id AND a.action IN ('cohort.undone', 'cohort.recalled'))
          UNION ALL SELECT 1 FROM invite_codes c WHERE c.revoked_by IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM audit_log a WHERE a.target_kind = 'code' AND a.target_id = c.id::text AND a.action = 'code.revoked')) x
        """;
}
