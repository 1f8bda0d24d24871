namespace InviteAdmin.Tests.Faults;

/// <summary>One way to break each invariant on <see cref="SmallLaunch"/>: first what stands in the way is dropped, then the violation is written.</summary>
internal static class PlantedViolations
{
    private const string Owner = "(SELECT id FROM members WHERE email = 'owner@example.com')";
    private const string Came0 = "(SELECT id FROM members WHERE email = 'came-0@example.com')";
    private const string Came1 = "(SELECT id FROM members WHERE email = 'came-1@example.com')";
    private const string Waiting = "(SELECT id FROM waitlist_entries WHERE email = 'waiting@example.com')";
    private const string Other = "(SELECT id FROM waitlist_entries WHERE email = 'other@example.com')";
    private const string Unconfirmed = "(SELECT id FROM waitlist_entries WHERE email = 'unconfirmed@example.com')";
    private const string Invited = "(SELECT min(id) FROM waitlist_entries WHERE status = 'invited')";
    private const string CampaignCode = "(SELECT min(id) FROM invite_codes WHERE kind = 'campaign')";
    private const string SpentCode = "(SELECT min(code_id) FROM redemptions WHERE member_id = (SELECT id FROM members WHERE email = 'came-0@example.com'))";

    private const string Reward = "INSERT INTO reward_grants (member_id, codes, reason, by_staff, granted_by, tier_before)";

    public static readonly IReadOnlyDictionary<string, string[]> All = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["code uses stay within the limit"] = [Without("invite_codes", "ck_invite_codes_uses"), $"UPDATE invite_codes SET max_uses = 0 WHERE id = {SpentCode}"],
        ["used count equals redemptions"] = [$"UPDATE invite_codes SET used_count = 1 WHERE id = {CampaignCode}"],
        ["one row per canonical code, in canonical form"] = [Without("invite_codes", "ck_invite_codes_canonical"), $"UPDATE invite_codes SET code = 'o-lower' WHERE id = {CampaignCode}"],
        ["no redemption after expiry or revocation"] = [$"UPDATE invite_codes SET expires_at = now() - interval '1 day' WHERE id = {SpentCode}"],
        ["members hold no more codes than granted"] = [$"INSERT INTO invite_codes (code, shown, kind, owner_member_id) VALUES ('F0RGED', 'F0RGED', 'personal', {Owner})"],
        ["one live entry per canonical email"] = ["DROP INDEX ux_waitlist_entries_canonical_email", $"UPDATE waitlist_entries SET canonical_email = 'other@example.com' WHERE id = {Waiting}"],
        ["one member per canonical email"] = ["DROP INDEX ux_members_canonical_email", $"UPDATE members SET canonical_email = 'came-1@example.com' WHERE id = {Came0}"],
        ["one redemption per member"] = [$"UPDATE invite_codes SET used_count = 0 WHERE id = {SpentCode}", $"DELETE FROM redemptions WHERE member_id = {Came0}"],
        ["a registered entry has its member"] = [$"UPDATE members SET entry_id = NULL WHERE id = {Owner}"],
        ["positions are unique"] = ["DROP INDEX ux_waitlist_entries_position", $"UPDATE waitlist_entries SET position = (SELECT position FROM waitlist_entries WHERE id = {Other}) WHERE id = {Waiting}"],
        ["points equal the ledger"] = [$"UPDATE waitlist_entries SET points = points + 1 WHERE id = {Waiting}"],
        ["one credit per entry, kind and cause"] =
        [
            "DROP INDEX ux_points_ledger_entry_id_kind_cause",
            $"INSERT INTO points_ledger (entry_id, kind, cause, points) SELECT {Other}, 'staff', 'thanks', 5 FROM generate_series(1, 2)",
            $"UPDATE waitlist_entries SET points = points + 10 WHERE id = {Other}",
        ],
        ["no credit from an unconfirmed or the same person"] =
        [
            $"INSERT INTO points_ledger (entry_id, kind, cause, points) VALUES ({Other}, 'brought', 'entry:' || {Unconfirmed}, 5)",
            $"UPDATE waitlist_entries SET points = points + 5 WHERE id = {Other}",
        ],
        ["a reversal mirrors exactly one row"] =
        [
            $"INSERT INTO points_ledger (entry_id, kind, cause, points, reverses_id) SELECT entry_id, 'reversal', 'held', -1, id FROM points_ledger WHERE entry_id = {Waiting} AND kind = 'arrived'",
            $"UPDATE waitlist_entries SET points = points - 1 WHERE id = {Waiting}",
        ],
        ["no cycle of referrals"] =
        [
            $"INSERT INTO referrals (referrer_member_id, referred_member_id, status) VALUES ({Came0}, {Owner}, 'credited')",
            $"UPDATE members SET credited_referrals = 1 WHERE id = {Came0}",
        ],
        ["one referrer per member, never oneself"] =
        [
            "DROP INDEX ux_referrals_referred_member_id",
            $"INSERT INTO referrals (referrer_member_id, referred_member_id, status) VALUES ({Came1}, {Came0}, 'credited')",
            $"UPDATE members SET credited_referrals = 1 WHERE id = {Came1}",
        ],
        ["credited count equals credited referrals"] = [$"UPDATE members SET credited_referrals = 1 WHERE id = {Owner}"],
        ["one grant per member and threshold"] =
        [
            "DROP INDEX ux_reward_grants_member_id_threshold",
            $"INSERT INTO reward_grants (member_id, threshold, codes) SELECT {Owner}, 1, 0 FROM generate_series(1, 2)",
        ],
        ["no grant unearned"] = [$"INSERT INTO reward_grants (member_id, threshold, codes) VALUES ({Owner}, 3, 3)"],
        ["no grant missed"] = ["INSERT INTO milestones (threshold, codes) VALUES (2, 3)"],
        ["one reward by staff stands per member"] = ["DROP INDEX ux_reward_grants_by_staff", $"{Reward} SELECT {Owner}, 0, 'Thanks.', true, 'Ann', 'standard' FROM generate_series(1, 2)", Noted("member.rewarded")],
        ["the codes of an undone reward were not used and end"] =
        [
            $"{Reward} VALUES ({Owner}, 0, 'Thanks.', true, 'Ann', 'standard')", Noted("member.rewarded"), "UPDATE reward_grants SET undone_at = now() WHERE by_staff", Noted("reward.undone"),
            $"INSERT INTO reward_codes (code_id, grant_id) SELECT {SpentCode}, id FROM reward_grants WHERE by_staff",
        ],
        ["every reward by staff has its audit row"] = [$"{Reward} VALUES ({Owner}, 0, 'Thanks.', true, 'Ann', 'standard')"],
        ["one batch per plan and date"] = ["DROP INDEX ux_cohorts_plan_id_local_date", "UPDATE cohorts SET plan_id = (SELECT id FROM rollout_plans WHERE is_current), local_date = '2026-11-22'"],
        ["invited equals the rows of the cohort, within request and capacity"] = [$"DELETE FROM cohort_entries WHERE entry_id = {Invited}"],
        ["an invited entry has one live code and one invitation"] = [$"DELETE FROM outbox WHERE entry_id = {Invited} AND template = 'invitation'"],
        ["no orphan waitlist code"] = [$"UPDATE waitlist_entries SET status = 'waiting' WHERE id = {Invited}"],
        ["no long work stands still"] = ["INSERT INTO operations (public_id, kind, state, request_key, request, actor_kind, actor_id, actor_name, done, total, lease_until) VALUES ('op_1', 'import', 'running', 'k', '{}', 'staff', '1', 'Ann', 0, 0, now() - interval '11 minutes')"],
        ["outbox dedupe keys are unique"] = ["DROP INDEX ux_outbox_dedupe_key", "INSERT INTO outbox (template, dedupe_key, payload) SELECT 'welcome', 'same', '{}' FROM generate_series(1, 2)"],
        ["sent outbox items have their time"] = [Without("outbox", "ck_outbox_sent"), "INSERT INTO outbox (template, dedupe_key, payload, state) VALUES ('welcome', 'untimed', '{}', 'sent')"],
        ["no outbox item is past its lease"] = ["INSERT INTO outbox (template, dedupe_key, payload, lease_until, lease_token) VALUES ('welcome', 'frozen', '{}', now() - interval '6 minutes', gen_random_uuid())"],
        ["no outbox item is due and untouched"] = ["INSERT INTO outbox (template, dedupe_key, payload, due_at) VALUES ('welcome', 'forgotten', '{}', now() - interval '6 minutes')"],
        ["nothing was sent after suppression"] =
        [
            "INSERT INTO suppressions (email_hash, reason, created_at) VALUES ('\\x01', 'unsubscribed', now() - interval '1 day')",
            "INSERT INTO outbox (template, dedupe_key, payload, state, sent_at, recipient_hash) VALUES ('welcome', 'unwanted', '{}', 'sent', now(), '\\x01')",
        ],
        ["idempotency keys are unique"] =
        [
            Without("idempotency_keys", "pk_idempotency_keys"),
            "INSERT INTO idempotency_keys (caller, key, request_hash, status) SELECT 'key:1', 'again', '\\x01', 200 FROM generate_series(1, 2)",
        ],
        ["an erased person leaves no address"] = [$"UPDATE waitlist_entries SET erased_at = now() WHERE id = {Other}"],
        ["every cohort and campaign has its audit row"] = ["INSERT INTO campaigns (public_id, slug, name, codes, max_uses_each, created_by) VALUES ('cp_silent', 'silent', 'Silent', 1, 1, 'Ann')"],
        ["every recall and revocation by a person has its audit row"] = [$"UPDATE invite_codes SET status = 'revoked', revoked_at = now(), revoked_by = 'Ann' WHERE id = {CampaignCode}"],
    };

    private static string Noted(string action) =>
        $"INSERT INTO audit_log (actor_kind, actor_id, actor_name, action, target_kind, target_id) SELECT 'staff', '1', 'Ann', '{action}', 'member', public_id FROM members WHERE id = {Owner}";

    private static string Without(string table, string constraint) => $"ALTER TABLE {table} DROP CONSTRAINT {constraint}";
}
