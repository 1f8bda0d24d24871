using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>Notes about people, and the indexes behind the People and Audit pages.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261122000006_People")]
public sealed class People : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE notes (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          entry_id bigint REFERENCES waitlist_entries (id) ON DELETE CASCADE,
          member_id bigint REFERENCES members (id) ON DELETE CASCADE,
          text text NOT NULL CONSTRAINT ck_notes_text CHECK (length(text) BETWEEN 1 AND 2000),
          author_id text NOT NULL, author_name text NOT NULL,
          request_key text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          CONSTRAINT ck_notes_person CHECK (num_nonnulls(entry_id, member_id) = 1));
        CREATE UNIQUE INDEX ux_notes_request_key ON notes (author_id, request_key);
        CREATE INDEX ix_notes_entry_id ON notes (entry_id, id) WHERE entry_id IS NOT NULL;
        CREATE INDEX ix_notes_member_id ON notes (member_id, id) WHERE member_id IS NOT NULL;

        -- A name from its first letters, whatever collation the database has.
        CREATE INDEX ix_waitlist_entries_name ON waitlist_entries (lower(name) text_pattern_ops);
        CREATE INDEX ix_members_name ON members (lower(name) text_pattern_ops);
        -- Few rows each, so that neither joins nor sign-ups pay for them.
        CREATE INDEX ix_waitlist_entries_declined ON waitlist_entries (declined_at DESC, id DESC) WHERE status = 'declined';
        CREATE INDEX ix_members_tier ON members (tier, registered_at DESC, id DESC) WHERE tier <> 'standard';

        CREATE INDEX ix_audit_log_at ON audit_log (at DESC, id DESC);
        CREATE INDEX ix_audit_log_actor ON audit_log (actor_kind, actor_id, at DESC, id DESC);
        CREATE INDEX ix_audit_log_action ON audit_log (action, at DESC, id DESC);
        """);
}
