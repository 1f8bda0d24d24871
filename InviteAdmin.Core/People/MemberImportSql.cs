namespace InviteAdmin.People;

/// <summary>The set-based statements of an import of members, in their order; $1 is the operation. A row's tier is staged as its source.</summary>
internal static class MemberImportSql
{
    /// <summary>Entries go before members, as everywhere, so that nobody who signs up meanwhile waits in a circle.</summary>
    public const string LockEntries =
        """
        SELECT count(*) FROM (
          SELECT id FROM waitlist_entries WHERE canonical_email IN (SELECT canonical FROM import_rows WHERE operation_id = $1) ORDER BY id FOR NO KEY UPDATE) x
        """;

    /// <summary>Leaves out members and people with an open invitation, whose code and mail are under way.</summary>
    public const string DropKnown =
        """
        WITH known AS (
          SELECT r.line, CASE WHEN m.id IS NOT NULL THEN 'Is a member already.' ELSE 'Has an open invitation: let them use it, or recall it first.' END AS reason
          FROM import_rows r LEFT JOIN members m ON m.canonical_email = r.canonical LEFT JOIN waitlist_entries e ON e.canonical_email = r.canonical AND e.status = 'invited'
          WHERE r.operation_id = $1 AND (m.id IS NOT NULL OR e.id IS NOT NULL)
        ), noted AS (
          INSERT INTO import_rejects (operation_id, line, field, reason) SELECT $1, line, 'email', reason FROM known ON CONFLICT DO NOTHING
        )
        DELETE FROM import_rows r USING known k WHERE r.operation_id = $1 AND r.line = k.line
        """;

    /// <summary>
    /// Keeps the rows whose chain of inviters ends well: at somebody whom nobody invited, or at a member. The others are themselves, unknown,
    /// below such a row, or a circle with what hangs below it.
    /// </summary>
    public const string DropUninvited =
        """
        WITH RECURSIVE staged AS MATERIALIZED (
          SELECT line, canonical, referred_by FROM import_rows WHERE operation_id = $1
        ), good AS (
          SELECT s.canonical FROM staged s
          WHERE s.referred_by IS NULL OR s.referred_by <> s.canonical AND EXISTS (SELECT 1 FROM members m WHERE m.canonical_email = s.referred_by)
          UNION SELECT s.canonical FROM good g JOIN staged s ON s.referred_by = g.canonical
        ), bad AS MATERIALIZED (
          SELECT * FROM staged s WHERE NOT EXISTS (SELECT 1 FROM good g WHERE g.canonical = s.canonical)
        ), roots AS MATERIALIZED (
          SELECT canonical FROM bad b WHERE referred_by = canonical OR NOT EXISTS (SELECT 1 FROM staged s WHERE s.canonical = b.referred_by)
        ), below AS (
          SELECT canonical FROM roots UNION SELECT b.canonical FROM below w JOIN bad b ON b.referred_by = w.canonical
        ), noted AS (
          INSERT INTO import_rejects (operation_id, line, field, reason)
          SELECT $1, b.line, 'invitedBy', CASE
            WHEN b.referred_by = b.canonical THEN 'Names the person as their own inviter.'
            WHEN b.canonical IN (SELECT canonical FROM roots) THEN 'The inviter is no member and has no good row in this file.'
            WHEN b.canonical IN (SELECT canonical FROM below) THEN 'The inviter''s own row was not taken.'
            ELSE 'The inviters go round in a circle.' END
          FROM bad b ON CONFLICT DO NOTHING
        )
        DELETE FROM import_rows r USING bad b WHERE r.operation_id = $1 AND r.line = b.line
        """;

    /// <summary>Makes the members and marks the rows they came from.</summary>
    public const string Add =
        """
        WITH made AS (
          INSERT INTO members (public_id, email, canonical_email, name, tier, entry_id, base_codes, credited_referrals, registered_at)
          SELECT 'usr_' || lower(new_code() || left(new_code(), 4)), r.email, r.canonical, r.name, coalesce(r.source, 'standard'), e.id, 0, 0, coalesce(r.joined_at, now())
          FROM import_rows r LEFT JOIN waitlist_entries e ON e.canonical_email = r.canonical AND e.status IN ('unconfirmed', 'waiting', 'declined')
          WHERE r.operation_id = $1 ORDER BY r.joined_at NULLS LAST, r.line
          ON CONFLICT (canonical_email) DO NOTHING
          RETURNING canonical_email
        )
        UPDATE import_rows r SET added = true FROM made m WHERE r.operation_id = $1 AND r.canonical = m.canonical_email
        """;

    private const string Fresh = "import_rows r JOIN members m ON m.canonical_email = r.canonical";

    /// <summary>Every member came in by one redemption of one code; $2 is the import's.</summary>
    public static readonly string Redeem = $"INSERT INTO redemptions (member_id, code_id, redeemed_at) SELECT m.id, $2, m.registered_at FROM {Fresh} WHERE r.operation_id = $1 AND r.added ORDER BY m.id";

    /// <summary>Who waited on the list waits no more, and is not asked to confirm.</summary>
    public static readonly string Register =
        $"""
        WITH changed AS (
          UPDATE waitlist_entries e SET status = 'registered', registered_at = m.registered_at FROM {Fresh} WHERE r.operation_id = $1 AND r.added AND e.id = m.entry_id
          RETURNING e.id
        )
        UPDATE outbox o SET state = 'cancelled' FROM changed c
        WHERE o.entry_id = c.id AND o.state = 'pending' AND o.lease_until IS NULL AND o.template IN ('invitation', 'reminder', 'confirm', 'lapsed')
        """;

    /// <summary>Links who invited whom and counts it with the inviters. Returns the links.</summary>
    public static readonly string Refer =
        $"""
        WITH added AS (
          INSERT INTO referrals (referrer_member_id, referred_member_id, status, created_at)
          SELECT b.id, m.id, 'credited', m.registered_at FROM {Fresh} JOIN members b ON b.canonical_email = r.referred_by WHERE r.operation_id = $1 AND r.added ORDER BY m.id
          RETURNING referrer_member_id
        ), locked AS MATERIALIZED (
          SELECT id FROM members WHERE id IN (SELECT referrer_member_id FROM added) ORDER BY id FOR NO KEY UPDATE
        ), counted AS (
          UPDATE members m SET credited_referrals = m.credited_referrals + x.n
          FROM (SELECT a.referrer_member_id AS id, count(*)::int AS n FROM added a JOIN locked l ON l.id = a.referrer_member_id GROUP BY 1) x
          WHERE m.id = x.id
        )
        SELECT count(*) FROM added
        """;

    /// <summary>What the inviters have reached lies behind them: noted as granted, with no codes and no mail, so that it is not granted later.</summary>
    public static readonly string Reached =
        $"""
        INSERT INTO reward_grants (member_id, threshold, codes, reason)
        SELECT b.id, s.threshold, 0, 'imported' FROM members b JOIN milestones s ON s.threshold <= b.credited_referrals
        WHERE b.canonical_email IN (SELECT r.referred_by FROM import_rows r WHERE r.operation_id = $1 AND r.added AND r.referred_by IS NOT NULL)
        ORDER BY b.id, s.threshold ON CONFLICT (member_id, threshold) DO NOTHING
        """;
}
