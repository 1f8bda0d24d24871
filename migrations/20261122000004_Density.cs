using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>How closely somebody wants the dashboard's rows to stand, kept beside their theme.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000004_Density")]
public sealed class Density : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE staff_users ADD COLUMN density text");
}
