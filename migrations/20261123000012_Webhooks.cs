using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>
/// Webhooks: endpoints, what happened, what each endpoint is to hear of it, and every try. Triggers write the events in the transaction of the change, whoever makes it;
/// while nobody listens they look at one small table and write nothing.
/// </summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261123000012_Webhooks")]
public sealed class Webhooks : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(Shapes);
        migrationBuilder.Sql(Entries);
        migrationBuilder.Sql(Codes);
        migrationBuilder.Sql(Referrals);
        migrationBuilder.Sql(Rollout);
    }

    // Deliveries carry the subject of their event, so that the claim finds an earlier one of the same person in one index.
    private const string Tables =
        """
        CREATE TABLE webhook_endpoints (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, public_id text NOT NULL UNIQUE, url text NOT NULL, note text, events text[] CHECK (cardinality(events) > 0),
          secret text NOT NULL, old_secret text, old_secret_until timestamptz, created_by text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
          disabled_at timestamptz, disabled_reason text, removed_at timestamptz, failing_since timestamptz, wait_until timestamptz, step integer NOT NULL DEFAULT 0,
          CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)), CHECK ((old_secret IS NULL) = (old_secret_until IS NULL)));
        CREATE TABLE webhook_events (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, public_id text NOT NULL UNIQUE DEFAULT 'evt_' || replace(gen_random_uuid()::text, '-', ''), type text NOT NULL, subject text NOT NULL,
          at timestamptz NOT NULL DEFAULT now(), data jsonb NOT NULL, cohort_id bigint, due_at timestamptz, only_endpoint_id bigint);
        CREATE INDEX ix_webhook_events_at ON webhook_events (at);
        CREATE INDEX ix_webhook_events_subject ON webhook_events (subject);
        CREATE INDEX ix_webhook_events_cohort ON webhook_events (cohort_id) WHERE cohort_id IS NOT NULL;
        CREATE TABLE webhook_deliveries (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, endpoint_id bigint NOT NULL REFERENCES webhook_endpoints (id), event_id bigint NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
          type text NOT NULL, subject text NOT NULL, state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')), attempts integer NOT NULL DEFAULT 0,
          due_at timestamptz NOT NULL, lease_until timestamptz, lease_token uuid, delivered_at timestamptz, created_at timestamptz NOT NULL DEFAULT now(),
          UNIQUE (event_id, endpoint_id), CHECK ((lease_until IS NULL) = (lease_token IS NULL)));
        CREATE INDEX ix_webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at) WHERE state = 'pending' AND lease_until IS NULL;
        CREATE INDEX ix_webhook_deliveries_order ON webhook_deliveries (endpoint_id, subject, event_id) WHERE state = 'pending';
        CREATE INDEX ix_webhook_deliveries_leased ON webhook_deliveries (lease_until) WHERE lease_until IS NOT NULL;
        CREATE INDEX ix_webhook_deliveries_list ON webhook_deliveries (endpoint_id, id DESC);
        CREATE INDEX ix_webhook_deliveries_state ON webhook_deliveries (endpoint_id, state, id DESC);
        CREATE TABLE webhook_attempts (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, delivery_id bigint NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE, endpoint_id bigint NOT NULL,
          at timestamptz NOT NULL DEFAULT now(), succeeded boolean NOT NULL, status integer, error text, milliseconds integer NOT NULL, url text NOT NULL, signed_at timestamptz NOT NULL, answer text, process text NOT NULL);
        CREATE INDEX ix_webhook_attempts_at ON webhook_attempts (endpoint_id, at);
        CREATE INDEX ix_webhook_attempts_delivery ON webhook_attempts (delivery_id);

        -- What is written is sent: one row for each endpoint that is on and wants the type.
        CREATE FUNCTION fan_out_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO webhook_deliveries (endpoint_id, event_id, type, subject, due_at)
          SELECT w.id, f.id, f.type, f.subject, coalesce(f.due_at, now()) FROM fresh f JOIN webhook_endpoints w ON w.removed_at IS NULL AND w.disabled_at IS NULL
          WHERE f.only_endpoint_id = w.id OR f.only_endpoint_id IS NULL AND (w.events IS NULL OR f.type = ANY (w.events))
          ORDER BY f.id, w.id;
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_fan_out AFTER INSERT ON webhook_events REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION fan_out_webhooks();
        """;

    // Looked at once in a statement. An endpoint that is off counts, so that what it missed can be replayed.
    private static string Wanted(string type) => $"EXISTS (SELECT 1 FROM webhook_endpoints WHERE removed_at IS NULL AND (events IS NULL OR '{type}' = ANY (events)))";

    private static string AnyWanted(params string[] types) => $"EXISTS (SELECT 1 FROM webhook_endpoints WHERE removed_at IS NULL AND (events IS NULL OR events && ARRAY[{string.Join(", ", types.Select(t => $"'{t}'"))}]))";

    private const string Shapes =
        """
        CREATE FUNCTION webhook_time(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
        -- A person is one subject, from the first join to what they bring as a member.
        CREATE FUNCTION webhook_subject(entry bigint, otherwise text) RETURNS text LANGUAGE sql STABLE AS $$
          SELECT coalesce((SELECT public_id FROM waitlist_entries WHERE id = entry), otherwise)
        $$;
        CREATE FUNCTION webhook_entry(e waitlist_entries) RETURNS jsonb LANGUAGE sql STABLE AS $$
          SELECT jsonb_build_object('id', e.public_id, 'email', e.email, 'name', e.name, 'status', e.status, 'position', e.position, 'points', e.points,
            'source', (SELECT s.name FROM sources s WHERE s.id = e.source_id), 'referredBy', (SELECT r.public_id FROM waitlist_entries r WHERE r.id = e.referred_by_id),
            'referralToken', e.referral_token, 'joinedAt', webhook_time(e.joined_at), 'confirmedAt', webhook_time(e.confirmed_at), 'invitedAt', webhook_time(e.invited_at), 'declinedAt', webhook_time(e.declined_at))
        $$;
        CREATE FUNCTION webhook_code(c invite_codes) RETURNS jsonb LANGUAGE sql STABLE AS $$
          SELECT jsonb_build_object('code', c.shown, 'kind', c.kind, 'tier', c.tier, 'campaign', (SELECT p.slug FROM campaigns p WHERE p.id = c.campaign_id),
            'ownerId', (SELECT m.public_id FROM members m WHERE m.id = c.owner_member_id), 'entryId', (SELECT e.public_id FROM waitlist_entries e WHERE e.id = c.entry_id), 'expiresAt', webhook_time(c.expires_at))
        $$;
        """;

    // An invitation is announced when its undo window is over, like its mail.
    private static readonly string Entries =
        $$"""
        CREATE FUNCTION tell_entries_joined() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {{AnyWanted("waitlist.joined", "waitlist.confirmed")}} THEN
            INSERT INTO webhook_events (type, subject, data)
            SELECT x.type, f.public_id, webhook_entry(e) FROM fresh f JOIN waitlist_entries e ON e.id = f.id CROSS JOIN (VALUES ('waitlist.joined', 1), ('waitlist.confirmed', 2)) x(type, ord)
            WHERE CASE x.ord WHEN 1 THEN {{Wanted("waitlist.joined")}} ELSE f.status = 'waiting' AND {{Wanted("waitlist.confirmed")}} END
            ORDER BY f.id, x.ord;
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_inserts AFTER INSERT ON waitlist_entries REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tell_entries_joined();

        CREATE FUNCTION tell_entries_moved() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {{AnyWanted("waitlist.confirmed", "waitlist.invited", "waitlist.declined")}} THEN
            INSERT INTO webhook_events (type, subject, data, cohort_id, due_at)
            SELECT 'waitlist.' || x.move, e.public_id,
              webhook_entry(e) || CASE x.move
                WHEN 'invited' THEN jsonb_build_object('cohort', h.public_id, 'code', c.shown, 'expiresAt', webhook_time(c.expires_at))
                WHEN 'declined' THEN jsonb_build_object('reason', e.decline_reason) ELSE '{}' END,
              CASE x.move WHEN 'invited' THEN h.id END, CASE x.move WHEN 'invited' THEN h.undo_until END
            FROM fresh n JOIN stale o ON o.id = n.id
            CROSS JOIN LATERAL (SELECT CASE WHEN n.status = 'invited' THEN 'invited' WHEN n.status = 'declined' THEN 'declined' ELSE 'confirmed' END AS move) x
            JOIN waitlist_entries e ON e.id = n.id
            LEFT JOIN cohorts h ON h.id = n.cohort_id AND x.move = 'invited'
            LEFT JOIN LATERAL (SELECT k.shown, k.expires_at FROM invite_codes k WHERE x.move = 'invited' AND k.entry_id = n.id AND k.kind = 'waitlist' AND k.status = 'active' ORDER BY k.id DESC LIMIT 1) c ON true
            WHERE n.status <> o.status AND (n.status IN ('invited', 'declined') OR n.status = 'waiting' AND o.status = 'unconfirmed')
              AND CASE x.move WHEN 'invited' THEN {{Wanted("waitlist.invited")}} WHEN 'declined' THEN {{Wanted("waitlist.declined")}} ELSE {{Wanted("waitlist.confirmed")}} END
            ORDER BY n.id;
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_updates AFTER UPDATE ON waitlist_entries REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tell_entries_moved();
        """;

    // Codes change with every redemption: only a row that ended calls its function.
    private static readonly string Codes =
        $$"""
        CREATE FUNCTION tell_redeemed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {{AnyWanted("invite.redeemed")}} THEN
            INSERT INTO webhook_events (type, subject, data)
            SELECT 'invite.redeemed', webhook_subject(m.entry_id, m.public_id),
              webhook_code(c) || jsonb_build_object('userId', m.public_id, 'email', m.email, 'name', m.name, 'memberTier', m.tier, 'memberEntryId', (SELECT e.public_id FROM waitlist_entries e WHERE e.id = m.entry_id),
                'redeemedAt', webhook_time(f.redeemed_at))
            FROM fresh f JOIN members m ON m.id = f.member_id JOIN invite_codes c ON c.id = f.code_id ORDER BY f.id;
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_inserts AFTER INSERT ON redemptions REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tell_redeemed();

        CREATE FUNCTION tell_code_ended() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF OLD.status = 'active' AND NEW.status = 'revoked' AND {{Wanted("invite.revoked")}} THEN
            INSERT INTO webhook_events (type, subject, data, cohort_id)
            VALUES ('invite.revoked', webhook_subject(NEW.entry_id, NEW.shown), webhook_code(NEW) || jsonb_build_object('reason', NEW.revoked_reason, 'revokedAt', webhook_time(NEW.revoked_at)), NEW.cohort_id);
          END IF;
          IF OLD.lapsed_at IS NULL AND NEW.lapsed_at IS NOT NULL AND {{Wanted("invite.lapsed")}} THEN
            INSERT INTO webhook_events (type, subject, data)
            VALUES ('invite.lapsed', webhook_subject(NEW.entry_id, NEW.shown), webhook_code(NEW) || jsonb_build_object('lapsedAt', webhook_time(NEW.lapsed_at)));
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_updates AFTER UPDATE OF status, lapsed_at ON invite_codes FOR EACH ROW
          WHEN (OLD.status = 'active' AND NEW.status = 'revoked' OR OLD.lapsed_at IS NULL AND NEW.lapsed_at IS NOT NULL) EXECUTE FUNCTION tell_code_ended();
        """;

    private static readonly string Referrals =
        $$"""
        CREATE FUNCTION webhook_referral(m members, referred bigint, at timestamptz) RETURNS jsonb LANGUAGE sql STABLE AS $$
          SELECT jsonb_build_object('userId', m.public_id, 'email', m.email, 'name', m.name, 'tier', m.tier, 'referrals', m.credited_referrals,
            'referredUserId', (SELECT b.public_id FROM members b WHERE b.id = referred), 'creditedAt', webhook_time(at))
        $$;
        CREATE FUNCTION tell_referrals() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {{AnyWanted("referral.credited")}} THEN
            INSERT INTO webhook_events (type, subject, data)
            SELECT 'referral.credited', webhook_subject(m.entry_id, m.public_id), webhook_referral(m, f.referred_member_id, f.created_at)
            FROM fresh f JOIN members m ON m.id = f.referrer_member_id WHERE f.status = 'credited' ORDER BY f.id;
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_inserts AFTER INSERT ON referrals REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tell_referrals();
        CREATE FUNCTION tell_referral_credited() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {{AnyWanted("referral.credited")}} THEN
            INSERT INTO webhook_events (type, subject, data)
            SELECT 'referral.credited', webhook_subject(m.entry_id, m.public_id), webhook_referral(m, NEW.referred_member_id, now()) FROM members m WHERE m.id = NEW.referrer_member_id;
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_updates AFTER UPDATE OF status ON referrals FOR EACH ROW WHEN (OLD.status <> 'credited' AND NEW.status = 'credited') EXECUTE FUNCTION tell_referral_credited();

        CREATE FUNCTION tell_milestones() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {{AnyWanted("referral.milestone")}} THEN
            INSERT INTO webhook_events (type, subject, data)
            SELECT 'referral.milestone', webhook_subject(m.entry_id, m.public_id),
              jsonb_build_object('userId', m.public_id, 'email', m.email, 'name', m.name, 'threshold', f.threshold, 'codes', f.codes, 'tier', f.tier, 'grantedAt', webhook_time(f.granted_at))
            FROM fresh f JOIN members m ON m.id = f.member_id WHERE f.threshold IS NOT NULL ORDER BY f.id;
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_inserts AFTER INSERT ON reward_grants REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tell_milestones();
        """;

    // Of a release that was undone nobody outside hears: what is still held goes, and so do the codes that it took back.
    private static readonly string Rollout =
        $$"""
        CREATE FUNCTION tell_cohorts() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE heard boolean;
        BEGIN
          IF NOT {{AnyWanted("cohort.released", "cohort.recalled", "waitlist.invited", "invite.revoked")}} THEN
            RETURN NULL;
          END IF;
          IF TG_OP = 'INSERT' THEN
            INSERT INTO webhook_events (type, subject, data, cohort_id, due_at)
            SELECT 'cohort.released', NEW.public_id,
              jsonb_build_object('id', NEW.public_id, 'number', NEW.number, 'requested', NEW.requested, 'invited', NEW.invited, 'note', NEW.note, 'createdBy', NEW.created_by,
                'stage', NEW.stage + 1, 'releasedAt', webhook_time(NEW.created_at), 'undoUntil', webhook_time(NEW.undo_until)), NEW.id, NEW.undo_until
            WHERE {{Wanted("cohort.released")}};
            RETURN NULL;
          END IF;
          IF NEW.state = 'undone' THEN
            DELETE FROM webhook_events e WHERE e.cohort_id = NEW.id AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.event_id = e.id AND d.attempts > 0);
            SELECT EXISTS (SELECT 1 FROM webhook_events WHERE cohort_id = NEW.id) INTO heard;
            IF NOT heard THEN
              RETURN NULL;
            END IF;
          END IF;
          INSERT INTO webhook_events (type, subject, data, cohort_id)
          SELECT 'cohort.recalled', NEW.public_id, jsonb_build_object('id', NEW.public_id, 'number', NEW.number, 'invited', NEW.invited, 'undone', NEW.state = 'undone', 'recalledAt', webhook_time(NEW.recalled_at)), NEW.id
          WHERE {{Wanted("cohort.recalled")}};
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_inserts AFTER INSERT ON cohorts FOR EACH ROW WHEN (NEW.state = 'released') EXECUTE FUNCTION tell_cohorts();
        CREATE TRIGGER webhook_updates AFTER UPDATE OF state ON cohorts FOR EACH ROW WHEN (OLD.state = 'released' AND NEW.state IN ('undone', 'recalled')) EXECUTE FUNCTION tell_cohorts();

        CREATE FUNCTION tell_rollout_held() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO webhook_events (type, subject, data)
          SELECT 'rollout.held', 'rollout',
            jsonb_build_object('waitsFor', NEW.waits_for, 'reason', NEW.held_reason, 'stage', NEW.stage + 1, 'stageName', NEW.stages -> NEW.stage ->> 'name', 'heldAt', webhook_time(now()))
          WHERE {{Wanted("rollout.held")}};
          RETURN NULL;
        END $$;
        CREATE TRIGGER webhook_updates AFTER UPDATE OF waits_for ON rollout_plans FOR EACH ROW
          WHEN (NEW.waits_for IS NOT NULL AND NEW.waits_for IS DISTINCT FROM OLD.waits_for) EXECUTE FUNCTION tell_rollout_held();
        """;
}
