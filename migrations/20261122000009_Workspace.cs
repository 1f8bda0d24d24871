using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>What staff set by hand: saved settings, paused jobs, retired sources; and who is at work: processes and sign-ins.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000009_Workspace")]
public sealed class Workspace : Migration
{
    // A section is one row from the start, so that two people who save it at once meet in its xmin.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE settings (
          section text PRIMARY KEY, saved jsonb NOT NULL DEFAULT '{}', changed_by text, changed_at timestamptz);
        INSERT INTO settings (section) VALUES ('lifetimes');
        CREATE TABLE paused_jobs (
          job text PRIMARY KEY, paused_by text NOT NULL, reason text NOT NULL, since timestamptz NOT NULL DEFAULT now());
        CREATE TABLE processes (
          name text PRIMARY KEY, version text NOT NULL, started_at timestamptz NOT NULL, heard_at timestamptz NOT NULL DEFAULT now());
        ALTER TABLE sources ADD COLUMN retired_at timestamptz;
        ALTER TABLE staff_users ADD COLUMN last_sign_in_at timestamptz;
        """);
}
