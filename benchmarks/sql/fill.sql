INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, points, referral_token, status_token, joined_at, confirmed_at)
SELECT 'wl_' || i, 'person-' || i || '@example.com', 'person-' || i || '@example.com', 'Ann Example', 'waiting', CASE WHEN i % 10 = 0 THEN 5 * (i % 97) ELSE 0 END,
  'r' || lpad(i::text, 25, '0'), 's' || lpad(i::text, 25, '0'), joined, joined
FROM generate_series(1, :people) i, LATERAL (SELECT now() - (:people - i) * (interval '90 days' / :people) AS joined) x
