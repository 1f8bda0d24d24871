using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InviteAdmin.Migrations;

/// <summary>Idempotency keys are held and looked up by one call, whose plans are made once.</summary>
[DbContext(typeof(InviteAdminDb))]
[Migration("20261123000017_HeldKeys")]
public sealed class HeldKeys : Migration
{
    // All are held before the first is looked up, and each look sees what the holder before us committed, because the function is volatile.
    // A plan made while the table was small would otherwise read all of it for long after it has grown.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE FUNCTION hold_keys(locks bigint[], callers text[], wanted text[])
          RETURNS TABLE (held boolean, request_hash bytea, status integer, content_type text, location text, body bytea, created_at timestamptz)
          LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
        DECLARE
          ours boolean[];
        BEGIN
          FOR n IN 1 .. cardinality(locks) LOOP
            ours[n] := pg_try_advisory_xact_lock(locks[n]);
          END LOOP;
          FOR n IN 1 .. cardinality(locks) LOOP
            SELECT ours[n], i.request_hash, i.status, i.content_type, i.location, i.body, i.created_at
              INTO held, request_hash, status, content_type, location, body, created_at
              FROM (SELECT) one LEFT JOIN idempotency_keys i ON i.caller = callers[n] AND i.key = wanted[n] AND i.created_at > now() - interval '24 hours';
            RETURN NEXT;
          END LOOP;
        END $$;
        """);
}
