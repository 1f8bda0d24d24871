namespace InviteAdmin.People;

/// <summary>The statements of <see cref="ErasePerson"/>. Locks are taken in the order of everywhere: codes, entry, member.</summary>
internal static class ErasePersonSql
{
    public const string LockCodes = "SELECT id FROM invite_codes WHERE entry_id = $1 OR owner_member_id = $2 OR person_email = ANY($3) ORDER BY id FOR NO KEY UPDATE";

    public const string LockEntry = "SELECT 1 FROM waitlist_entries WHERE id = $1 FOR NO KEY UPDATE";

    public const string LockMember = "SELECT 1 FROM members WHERE id = $1 FOR NO KEY UPDATE";

    public const string ErasedAt = "SELECT coalesce((SELECT erased_at FROM members WHERE id = $2), CASE WHEN $2 < 0 THEN (SELECT erased_at FROM waitlist_entries WHERE id = $1) END)";

    /// <summary>Ends codes ($4, and those a sign-up made while we waited), empties mails and deletes notes. Answers how many of each.</summary>
    public const string Clear =
        """
        WITH ended AS (
          UPDATE invite_codes SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = 'Their person was erased.'
          WHERE (id = ANY($4) OR owner_member_id = $2) AND status = 'active' AND used_count < max_uses AND lapsed_at IS NULL RETURNING id
        ), mails AS MATERIALIZED (
          SELECT id FROM outbox WHERE entry_id = $1 OR member_id = $2
          UNION SELECT o.id FROM invite_codes k JOIN outbox o ON o.dedupe_key = 'vip:' || k.id WHERE k.person_email = ANY($3)
        ), emptied AS (
          UPDATE outbox o SET state = CASE WHEN o.state = 'pending' AND o.lease_until IS NULL THEN 'cancelled' ELSE o.state END, recipient = NULL, payload = '{}', last_error = NULL
          FROM mails m WHERE o.id = m.id RETURNING o.id
        ), unkept AS (
          DELETE FROM mailbox b USING mails m WHERE b.outbox_id = m.id
        ), unsaid AS (
          UPDATE outbox_attempts t SET error = NULL FROM mails m WHERE t.outbox_id = m.id AND t.error IS NOT NULL
        ), noted AS (
          DELETE FROM notes WHERE entry_id = $1 OR member_id = $2 RETURNING id
        ), unwatched AS (
          DELETE FROM join_watches WHERE entry_id = $1
        ), points AS (
          UPDATE points_ledger SET note = NULL WHERE entry_id = $1 AND note IS NOT NULL
        ), rewards AS (
          UPDATE reward_grants SET reason = 'Erased.' WHERE member_id = $2 AND by_staff
        ), imported AS (
          DELETE FROM import_rows WHERE email = ANY($3) OR canonical = ANY($3)
        )
        SELECT (SELECT count(*) FROM ended)::int, (SELECT count(*) FROM emptied)::int, (SELECT count(*) FROM noted)::int
        """;

    /// <summary>An answer that names them is kept without its text: its request still happens once.</summary>
    public const string Answers =
        """
        UPDATE idempotency_keys SET body = NULL, content_type = NULL, location = NULL
        WHERE body IS NOT NULL AND EXISTS (SELECT 1 FROM unnest($1::text[]) n WHERE position(convert_to(n, 'UTF8') IN body) > 0)
        """;

    public const string Entry =
        """
        WITH named AS (
          UPDATE invite_codes SET person_name = 'Erased person', person_email = NULL WHERE person_email IN (SELECT email FROM waitlist_entries WHERE id = $1)
        )
        UPDATE waitlist_entries SET email = $2, canonical_email = $2, name = 'Erased person', referral_token = $3, status_token = $4, confirm_token = NULL, confirm_expires_at = NULL,
          hold_reason = CASE WHEN hold IS NULL THEN NULL ELSE 'Erased.' END, erased_at = now(),
          status = CASE WHEN status = 'registered' THEN status ELSE 'declined' END, declined_at = CASE WHEN status IN ('registered', 'declined') THEN declined_at ELSE now() END,
          decline_reason = CASE WHEN status IN ('registered', 'declined') THEN decline_reason ELSE 'erased' END
        WHERE id = $1
        """;

    public const string Member =
        """
        WITH named AS (
          UPDATE invite_codes SET person_name = 'Erased person', person_email = NULL WHERE person_email IN (SELECT email FROM members WHERE id = $1)
        )
        UPDATE members SET email = $2, canonical_email = $2, name = 'Erased person', erased_at = now() WHERE id = $1
        """;

    /// <summary>A mail that was in the air when its person was erased: its copy goes, and it is not tried again.</summary>
    public const string Left =
        """
        WITH people AS MATERIALIZED (
          SELECT o.id FROM waitlist_entries e JOIN outbox o ON o.entry_id = e.id WHERE e.erased_at > now() - interval '1 day' AND o.recipient IS NULL
          UNION SELECT o.id FROM members m JOIN outbox o ON o.member_id = m.id WHERE m.erased_at > now() - interval '1 day' AND o.recipient IS NULL
        ), stopped AS (
          UPDATE outbox o SET state = 'cancelled', last_error = NULL FROM people p WHERE o.id = p.id AND o.state = 'pending' AND o.lease_until IS NULL
        ), unsaid AS (
          UPDATE outbox_attempts t SET error = NULL FROM people p WHERE t.outbox_id = p.id AND t.error IS NOT NULL
        )
        DELETE FROM mailbox b USING people p WHERE b.outbox_id = p.id
        """;
}
