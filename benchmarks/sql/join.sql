-- The limit a join is held against: by somebody's link, unconfirmed, with its mail; the same rows in the same tables, one by
-- one, prepared, one round trip and one commit each. :people is how many wait, :size a number that keeps runs apart.
\set referrer random(1, :people)
WITH n AS (
  SELECT nextval('limit_run') AS i
), added AS (
  INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, points, referred_by_id, referral_token, status_token, confirm_token, confirm_expires_at)
  SELECT 'wl_limit' || n.i, 'limit-' || n.i || '@example.com', 'limit-' || n.i || '@example.com', 'Ben Example', 'unconfirmed', 0, r.id,
    gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now() + interval '7 days'
  FROM n JOIN waitlist_entries r ON r.referral_token = 'r' || lpad((:referrer)::int::text, 25, '0')
  ON CONFLICT (canonical_email) DO NOTHING
  RETURNING id, email, name, confirm_token
)
INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id)
SELECT 'confirm', 'confirm:' || id, email, jsonb_build_object('name', name, 'confirmToken', confirm_token), id FROM added
RETURNING entry_id;
