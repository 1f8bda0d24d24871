INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals, registered_at)
SELECT 'usr_' || i, 'member-' || i || '@member.example', 'member-' || i || '@member.example', 'Ann Example', 3, 0, now() - (:members - i) * (interval '90 days' / :members) FROM generate_series(1, :members) i;
INSERT INTO invite_codes (code, shown, kind, owner_member_id, max_uses)
SELECT 'C' || lpad(i::text, 11, '0'), 'C' || i, 'personal', m.id, 1 FROM generate_series(1, :members) i JOIN members m ON m.public_id = 'usr_' || i
