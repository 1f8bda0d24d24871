using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>The leaderboard in Redis follows a table of changes too. Row triggers, because their conditions cost nothing where no credit is given.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000003_Leaderboard")]
public sealed class Leaderboard : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE leaderboard_changes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, member_id bigint NOT NULL);
        CREATE FUNCTION note_leader() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO leaderboard_changes (member_id) VALUES (coalesce(NEW.id, OLD.id));
          RETURN NULL;
        END $$;
        CREATE TRIGGER leader_inserts AFTER INSERT ON members FOR EACH ROW WHEN (NEW.credited_referrals > 0) EXECUTE FUNCTION note_leader();
        CREATE TRIGGER leader_updates AFTER UPDATE OF credited_referrals ON members FOR EACH ROW
          WHEN (NEW.credited_referrals <> OLD.credited_referrals) EXECUTE FUNCTION note_leader();
        CREATE TRIGGER leader_deletes AFTER DELETE ON members FOR EACH ROW WHEN (OLD.credited_referrals > 0) EXECUTE FUNCTION note_leader();
        """);
}
