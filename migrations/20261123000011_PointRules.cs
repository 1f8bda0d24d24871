using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>Points that staff change: what a credit is worth, rows of the ledger that count people again by new rules, and which work does so.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261123000011_PointRules")]
public sealed class PointRules : Migration
{
    // What the work is called stands on the plan's row, because whoever invites people holds that row and must see it.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE settings ADD COLUMN version integer NOT NULL DEFAULT 0;
        INSERT INTO settings (section) VALUES ('points');
        ALTER TABLE points_ledger
          DROP CONSTRAINT ck_points_ledger_kind,
          ADD CONSTRAINT ck_points_ledger_kind CHECK (kind IN ('arrived', 'brought', 'source', 'staff', 'reversal', 'rules'));
        ALTER TABLE rollout_plans ADD COLUMN counting text;
        """);
}
