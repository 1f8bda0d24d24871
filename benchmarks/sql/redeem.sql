-- The limit a redemption of a personal code is held against: use spent, member, redemption, referral credited, three codes,
-- mail; one by one, prepared, one round trip and one commit each. Milestones are not reached by either side.
WITH n AS (
  SELECT nextval('limit_run') AS i
), spent AS (
  UPDATE invite_codes c SET used_count = used_count + 1 FROM n
  WHERE c.code = 'C' || lpad((2 * n.i)::text, 11, '0') AND c.status = 'active' AND c.used_count < c.max_uses AND (c.expires_at IS NULL OR c.expires_at > now())
  RETURNING c.id, c.owner_member_id, n.i
), made AS (
  INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals)
  SELECT 'usr_limit' || s.i, 'limit-' || s.i || '@member.example', 'limit-' || s.i || '@member.example', 'Ben Example', 3, 0 FROM spent s
  RETURNING id, email, name
), redeemed AS (
  INSERT INTO redemptions (member_id, code_id) SELECT m.id, s.id FROM made m, spent s
), referred AS (
  INSERT INTO referrals (referrer_member_id, referred_member_id, code_id, status) SELECT s.owner_member_id, m.id, s.id, 'credited' FROM made m, spent s
), credited AS (
  UPDATE members r SET credited_referrals = r.credited_referrals + 1 FROM spent s WHERE r.id = s.owner_member_id
), given AS (
  INSERT INTO invite_codes (code, shown, kind, owner_member_id, max_uses, expires_at)
  SELECT g.code, show_code(g.code), 'personal', g.id, 1, now() + interval '30 days'
  FROM (SELECT m.id, upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)) AS code FROM made m, generate_series(1, 3)) g
  RETURNING shown
)
INSERT INTO outbox (template, dedupe_key, recipient, payload, member_id)
SELECT 'registered', 'registered:' || m.id, m.email, jsonb_build_object('name', m.name, 'codes', (SELECT jsonb_agg(shown) FROM given)), m.id FROM made m
RETURNING member_id;
