using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>A chat that hears what colleagues are told by mail: its setting, and a kind of outbox item.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261123000016_StaffChat")]
public sealed class StaffChat : Migration
{
    // The constraint is made without reading the table, and checked without locking it.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        INSERT INTO settings (section) VALUES ('chat') ON CONFLICT DO NOTHING;
        ALTER TABLE outbox DROP CONSTRAINT ck_outbox_kind, ADD CONSTRAINT ck_outbox_kind CHECK (kind IN ('mail', 'notification', 'chat')) NOT VALID;
        ALTER TABLE outbox VALIDATE CONSTRAINT ck_outbox_kind;
        CREATE INDEX ix_outbox_chat ON outbox (id) WHERE kind = 'chat';
        """);
}
