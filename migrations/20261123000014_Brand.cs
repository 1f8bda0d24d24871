using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>How the company shows itself to the public: a section of the settings and a logo. And joins whose page waits to hear that their mail was answered.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261123000014_Brand")]
public sealed class Brand : Migration
{
    // There is one logo or none. What waits is named by the hash of a token that only the page knows, and is forgotten within the hour.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        INSERT INTO settings (section) VALUES ('brand');
        CREATE TABLE brand_logo (
          sole boolean PRIMARY KEY DEFAULT true CHECK (sole), hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{32}$'), media_type text NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp')),
          width integer NOT NULL CHECK (width BETWEEN 1 AND 4096), height integer NOT NULL CHECK (height BETWEEN 1 AND 4096),
          bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 262144), saved_by text NOT NULL, saved_at timestamptz NOT NULL DEFAULT now());
        CREATE TABLE join_watches (
          token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32), entry_id bigint NOT NULL REFERENCES waitlist_entries (id) ON DELETE CASCADE,
          site text, created_at timestamptz NOT NULL DEFAULT now(), shown_at timestamptz);
        CREATE INDEX ix_join_watches_entry_id ON join_watches (entry_id);
        CREATE INDEX ix_join_watches_created_at ON join_watches (created_at);
        """);
}
