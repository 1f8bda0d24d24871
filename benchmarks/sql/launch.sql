-- A launch of :entries entries: one in five was invited over 119 days, three in four of those signed up (:registered), and as many came by campaigns and friends (:members in all).
INSERT INTO sources (slug, name, points) SELECT 's' || i, 'Source ' || i, 0 FROM generate_series(1, 6) i;
INSERT INTO cohorts (public_id, number, requested, invited, state, created_by, created_at, undo_until, snapshot)
SELECT 'co_' || i, i, :invited / 200, :invited / 200, 'released', 'Owner', at, at, '{}' FROM generate_series(1, 200) i, LATERAL (SELECT now() - interval '119 days' + i * interval '14 hours' AS at) x;
INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, points, referral_token, status_token, joined_at, confirmed_at, invited_at, registered_at, source_id, cohort_id)
SELECT 'wl_' || i, i || '@example.com', i || '@example.com', 'Ann Example ' || i,
  CASE WHEN i <= :registered THEN 'registered' WHEN i <= :invited THEN 'invited' WHEN i % 12 = 0 THEN 'unconfirmed' ELSE 'waiting' END,
  CASE WHEN i % 10 = 0 THEN 5 * (i % 97) ELSE 0 END, 'r' || i, 's' || i, joined,
  CASE WHEN i <= :invited OR i % 12 <> 0 THEN joined + interval '10 minutes' END, c.created_at,
  CASE WHEN i <= :registered THEN least(now(), c.created_at - ln(random() + 0.0001) * 14 * interval '1 hour') END,
  CASE WHEN i % 4 = 0 THEN 1 + i % 6 END, c.id
FROM generate_series(1, :entries) i CROSS JOIN LATERAL (SELECT now() - interval '120 days' + i * (interval '115 days' / :entries) AS joined) x
LEFT JOIN cohorts c ON c.number = 1 + (i - 1) / (:invited / 200) AND i <= :invited;
INSERT INTO cohort_entries (cohort_id, entry_id, rank, points, position) SELECT cohort_id, id, 1 + (id - 1) % (:invited / 200), points, position FROM waitlist_entries WHERE cohort_id IS NOT NULL;
INSERT INTO campaigns (public_id, slug, name, codes, max_uses_each, created_by) SELECT 'cp_' || i, 'camp-' || i, 'Campaign ' || i, 1000, 10, 'Owner' FROM generate_series(1, 15) i;
INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals, entry_id, registered_at)
SELECT 'usr_' || i, 'm' || i || '@example.com', 'm' || i || '@example.com', 'Ann Member ' || i, 3, 0, e.id, coalesce(e.registered_at, now() - interval '110 days' + (i - :registered) * (interval '109 days' / :registered))
FROM generate_series(1, :members) i LEFT JOIN waitlist_entries e ON e.id = i AND i <= :registered;
INSERT INTO invite_codes (code, shown, kind, cohort_id, entry_id, used_count, expires_at)
SELECT 'W' || lpad(id::text, 9, '0'), 'W' || lpad(id::text, 9, '0'), 'waitlist', cohort_id, id, CASE WHEN id <= :registered THEN 1 ELSE 0 END, now() + interval '7 days' FROM waitlist_entries WHERE id <= :invited;
INSERT INTO invite_codes (code, shown, kind, campaign_id, max_uses) SELECT 'K' || lpad((p.id * 10000 + i)::text, 9, '0'), 'K' || lpad((p.id * 10000 + i)::text, 9, '0'), 'campaign', p.id, 10 FROM campaigns p, generate_series(1, 1000) i;
INSERT INTO invite_codes (code, shown, kind, owner_member_id) SELECT 'P' || lpad((m.id * 10 + i)::text, 9, '0'), 'P' || lpad((m.id * 10 + i)::text, 9, '0'), 'personal', m.id FROM members m, generate_series(1, 3) i;
-- Nine in ten of the second half of the members were brought by an earlier one; a few bring very many.
CREATE TEMP TABLE brought AS SELECT i AS referred, 1 + floor((i - 1) * power(random(), 4))::bigint AS referrer FROM generate_series(:registered + 1, :members - :members / 20) i;
INSERT INTO invite_codes (code, shown, kind, owner_member_id, used_count) SELECT 'B' || lpad(referred::text, 9, '0'), 'B' || lpad(referred::text, 9, '0'), 'personal', referrer, 1 FROM brought;
INSERT INTO referrals (referrer_member_id, referred_member_id, status, created_at) SELECT b.referrer, b.referred, CASE WHEN b.referred % 50 = 0 THEN 'held' ELSE 'credited' END, m.registered_at FROM brought b JOIN members m ON m.id = b.referred;
UPDATE members m SET credited_referrals = x.n FROM (SELECT referrer_member_id AS id, count(*) AS n FROM referrals WHERE status = 'credited' GROUP BY 1) x WHERE x.id = m.id;
INSERT INTO redemptions (member_id, code_id, redeemed_at)
SELECT m.id, k.id, m.registered_at FROM members m
JOIN invite_codes k ON k.code = CASE WHEN m.id <= :registered THEN 'W' WHEN m.id <= :members - :members / 20 THEN 'B' ELSE 'K' END
  || lpad((CASE WHEN m.id <= :members - :members / 20 THEN m.id ELSE (1 + m.id % 15) * 10000 + 1 + m.id % 1000 END)::text, 9, '0');
UPDATE invite_codes k SET used_count = x.n FROM (SELECT code_id, count(*) AS n FROM redemptions GROUP BY 1) x WHERE x.code_id = k.id AND k.kind = 'campaign';
INSERT INTO reward_grants (member_id, threshold, codes, tier, reason) SELECT m.id, s.threshold, s.codes, s.tier, 'milestone' FROM members m JOIN milestones s ON s.threshold <= m.credited_referrals;
INSERT INTO insight_changes VALUES ('whole', 0);
