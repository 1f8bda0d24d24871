using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>
/// What mail needs to be trusted: an identity for each mail that never changes, templates with versions, who suppressed an address and why,
/// and what the providers reported.
/// </summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261123000013_Mail")]
public sealed class Mail : Migration
{
    // A suppression names its person besides the hash, so that staff can read the list; whoever is erased leaves the hash alone behind.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE outbox ADD COLUMN message_id text, ADD COLUMN template_version integer;
        CREATE INDEX ix_outbox_recipient_hash ON outbox (recipient_hash, id DESC) WHERE recipient_hash IS NOT NULL;

        CREATE TABLE mail_templates (
          template text NOT NULL, version integer NOT NULL CHECK (version > 0), subject text NOT NULL, html text NOT NULL, text text NOT NULL,
          saved_by text NOT NULL, saved_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (template, version));
        -- Version 0 is the one the product ships.
        CREATE TABLE mail_templates_published (
          template text PRIMARY KEY, version integer NOT NULL CHECK (version >= 0), published_by text NOT NULL, published_at timestamptz NOT NULL DEFAULT now());

        ALTER TABLE suppressions
          ADD COLUMN entry_id bigint REFERENCES waitlist_entries (id) ON DELETE SET NULL, ADD COLUMN member_id bigint REFERENCES members (id) ON DELETE SET NULL,
          ADD COLUMN note text, ADD COLUMN by_name text;
        CREATE INDEX ix_suppressions_created ON suppressions (created_at DESC, email_hash);
        CREATE INDEX ix_suppressions_entry ON suppressions (entry_id) WHERE entry_id IS NOT NULL;
        CREATE INDEX ix_suppressions_member ON suppressions (member_id) WHERE member_id IS NOT NULL;

        CREATE TABLE mail_events (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dedupe_key text NOT NULL UNIQUE, source text NOT NULL,
          type text NOT NULL CHECK (type IN ('bounce', 'complaint', 'unsubscribe')), hard boolean NOT NULL,
          email_hash bytea, outbox_id bigint REFERENCES outbox (id) ON DELETE SET NULL, at timestamptz NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), reason text);
        CREATE INDEX ix_mail_events_hash ON mail_events (email_hash, id DESC) WHERE email_hash IS NOT NULL;
        """);
}
