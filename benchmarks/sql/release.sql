-- The limit a release is held against: the same rows into the same tables, with the same indexes and triggers, in one
-- statement and one round trip. :people is written as a literal, for as a parameter the planner takes it for a tenth of the
-- table. It is cheaper than the product's release in three things: codes are not drawn from all 32 symbols, nothing is
-- hashed over the list, and nothing goes to the caller.
WITH picked AS MATERIALIZED (
  SELECT e.id FROM waitlist_entries e WHERE e.status = 'waiting' AND e.hold IS NULL ORDER BY e.points DESC, e.position LIMIT :people FOR NO KEY UPDATE
), cohort AS (
  INSERT INTO cohorts (public_id, number, requested, invited, created_by, undo_until, state, snapshot)
  SELECT 'co_' || n, n, :people, (SELECT count(*) FROM picked), 'Limit', now() + interval '60 seconds', 'released', repeat('0', 64) FROM (SELECT coalesce(max(number), 0) + 1 AS n FROM cohorts) x
  RETURNING id, public_id, undo_until
), invited AS (
  UPDATE waitlist_entries e SET status = 'invited', invited_at = now(), cohort_id = c.id FROM picked p, cohort c WHERE e.id = p.id
  RETURNING e.id, e.email, e.name, e.status_token, e.points, e.position, upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)) AS code
), coded AS (
  INSERT INTO invite_codes (code, shown, kind, cohort_id, entry_id, max_uses, expires_at)
  SELECT i.code, show_code(i.code), 'waitlist', c.id, i.id, 1, c.undo_until + interval '7 days' FROM invited i, cohort c RETURNING id, shown, entry_id
), listed AS (
  INSERT INTO cohort_entries (cohort_id, entry_id, rank, points, position) SELECT c.id, i.id, row_number() OVER (ORDER BY i.points DESC, i.position), i.points, i.position FROM invited i, cohort c
), noted AS (
  INSERT INTO audit_log (actor_kind, actor_id, actor_name, action, target_kind, target_id) SELECT 'staff', '1', 'Limit', 'cohort.released', 'cohort', public_id FROM cohort
)
INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id, cohort_id, code_id, due_at)
SELECT 'invitation', 'invitation:' || k.id, i.email, jsonb_build_object('name', i.name, 'code', k.shown, 'statusToken', i.status_token), i.id, c.id, k.id, c.undo_until
FROM invited i JOIN coded k ON k.entry_id = i.id, cohort c;
