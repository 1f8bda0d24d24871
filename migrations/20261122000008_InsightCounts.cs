using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>
/// Counts for the insights and the leaderboard, kept by quarter of an hour so that they serve the days of any zone, and the table of changes they are
/// counted again from. Triggers write it in the transaction of every change; on the way of a redemption they note an id and look nothing up.
/// </summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000008_InsightCounts")]
public sealed class InsightCounts : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(Triggers);
    }

    private const string Tables =
        """
        CREATE FUNCTION quarter(at timestamptz) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT floor(date_part('epoch', at) / 900)::bigint $$;
        CREATE TABLE insight_changes (kind text NOT NULL, key bigint NOT NULL);
        CREATE TABLE insight_state (id boolean PRIMARY KEY DEFAULT true CHECK (id), counted_at timestamptz, milliseconds integer);
        CREATE TABLE insight_joined (
          slot bigint NOT NULL, source_id bigint NOT NULL, joined integer NOT NULL, confirmed integer NOT NULL, invited integer NOT NULL, registered integer NOT NULL, brought integer NOT NULL,
          PRIMARY KEY (slot, source_id));
        CREATE TABLE insight_invited (slot bigint NOT NULL, hours integer NOT NULL, registered integer NOT NULL, PRIMARY KEY (slot, hours));
        CREATE TABLE insight_registered (
          slot bigint NOT NULL, campaign_id bigint NOT NULL, members integer NOT NULL, brought_someone integer NOT NULL, brought_soon integer NOT NULL, PRIMARY KEY (slot, campaign_id));
        CREATE TABLE insight_cohorts (
          cohort_id bigint NOT NULL REFERENCES cohorts (id) ON DELETE CASCADE, day integer NOT NULL, registered integer NOT NULL, PRIMARY KEY (cohort_id, day));
        CREATE TABLE referrer_counts (
          member_id bigint PRIMARY KEY REFERENCES members (id) ON DELETE CASCADE,
          downstream integer NOT NULL, depth integer NOT NULL, held integer NOT NULL, given integer NOT NULL, used integer NOT NULL);
        CREATE INDEX ix_referrer_counts_downstream ON referrer_counts (downstream DESC, member_id);
        CREATE INDEX ix_referrer_counts_held ON referrer_counts (held DESC, member_id) WHERE held > 0;
        CREATE INDEX ix_cohorts_created_at ON cohorts (created_at);
        INSERT INTO insight_state DEFAULT VALUES;
        INSERT INTO insight_changes VALUES ('whole', 0);
        """;

    // What a row was is noted here, because nobody can look it up later; what it is now is looked up when it is counted.
    private const string Triggers =
        """
        CREATE FUNCTION note_entries_joined() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO insight_changes SELECT DISTINCT 'joined', quarter(joined_at) FROM fresh;
          RETURN NULL;
        END $$;
        CREATE TRIGGER insight_inserts AFTER INSERT ON waitlist_entries REFERENCING NEW TABLE AS fresh
          FOR EACH STATEMENT EXECUTE FUNCTION note_entries_joined();

        CREATE FUNCTION note_entry_moved() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO insight_changes VALUES ('entry', NEW.id);
          IF OLD.joined_at <> NEW.joined_at THEN
            INSERT INTO insight_changes VALUES ('joined', quarter(OLD.joined_at));
          END IF;
          IF OLD.registered_at IS NOT NULL AND OLD.invited_at IS NOT NULL THEN
            INSERT INTO insight_changes VALUES ('invited', quarter(OLD.invited_at));
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER insight_updates AFTER UPDATE OF joined_at, source_id, confirmed_at, invited_at, registered_at ON waitlist_entries FOR EACH ROW
          WHEN (OLD.joined_at <> NEW.joined_at OR OLD.source_id IS DISTINCT FROM NEW.source_id OR (OLD.confirmed_at IS NULL) <> (NEW.confirmed_at IS NULL)
            OR OLD.invited_at IS DISTINCT FROM NEW.invited_at OR OLD.registered_at IS DISTINCT FROM NEW.registered_at)
          EXECUTE FUNCTION note_entry_moved();

        CREATE FUNCTION note_entries_gone() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO insight_changes
          SELECT 'joined', quarter(joined_at) FROM stale UNION SELECT 'invited', quarter(invited_at) FROM stale WHERE invited_at IS NOT NULL;
          RETURN NULL;
        END $$;
        CREATE TRIGGER insight_deletes AFTER DELETE ON waitlist_entries REFERENCING OLD TABLE AS stale
          FOR EACH STATEMENT EXECUTE FUNCTION note_entries_gone();

        CREATE FUNCTION note_members_came() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO insight_changes SELECT 'member', member_id FROM fresh;
          RETURN NULL;
        END $$;
        CREATE TRIGGER insight_inserts AFTER INSERT ON redemptions REFERENCING NEW TABLE AS fresh
          FOR EACH STATEMENT EXECUTE FUNCTION note_members_came();

        CREATE FUNCTION note_redemption_gone() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO insight_changes SELECT 'cohort', cohort_id FROM invite_codes WHERE id = OLD.code_id AND cohort_id IS NOT NULL;
          INSERT INTO insight_changes SELECT 'referrer', owner_member_id FROM invite_codes WHERE id = OLD.code_id AND owner_member_id IS NOT NULL;
          RETURN NULL;
        END $$;
        CREATE TRIGGER insight_deletes AFTER DELETE ON redemptions FOR EACH ROW EXECUTE FUNCTION note_redemption_gone();

        CREATE FUNCTION note_members_gone() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO insight_changes
          SELECT 'registered', quarter(registered_at) FROM stale UNION SELECT 'entry', entry_id FROM stale WHERE entry_id IS NOT NULL;
          RETURN NULL;
        END $$;
        CREATE TRIGGER insight_deletes AFTER DELETE ON members REFERENCING OLD TABLE AS stale
          FOR EACH STATEMENT EXECUTE FUNCTION note_members_gone();

        CREATE FUNCTION note_referral() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP <> 'INSERT' THEN
            INSERT INTO insight_changes VALUES ('member', OLD.referrer_member_id);
          END IF;
          IF TG_OP <> 'DELETE' THEN
            INSERT INTO insight_changes VALUES ('member', NEW.referrer_member_id);
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER insight_changes AFTER INSERT OR DELETE OR UPDATE OF status, referrer_member_id ON referrals FOR EACH ROW EXECUTE FUNCTION note_referral();

        CREATE FUNCTION note_grant() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO insight_changes VALUES ('referrer', NEW.member_id);
          RETURN NULL;
        END $$;
        CREATE TRIGGER insight_inserts AFTER INSERT ON reward_grants FOR EACH ROW EXECUTE FUNCTION note_grant();
        """;
}
