namespace InviteAdmin.People;

/// <summary>The files of an export of everything: name, columns, and the rows. docs/import-export.md lists them; entries and members can be imported as they are.</summary>
internal static class ExportTables
{
    public static readonly IReadOnlyList<(string Name, string Columns, string Sql)> All =
    [
        ("entries", "email,name,source,joined at,referred by,confirmed,id,status,points,invited at,registered at,hold,hold reason,decline reason,lapses",
            $"""
            SELECT e.email, e.name, s.name, {Time("e.joined_at")}, r.email, CASE WHEN e.confirmed_at IS NULL THEN 'no' ELSE 'yes' END, e.public_id, e.status, e.points, {Time("e.invited_at")}, {Time("e.registered_at")},
              e.hold, e.hold_reason, e.decline_reason, e.lapses
            FROM waitlist_entries e LEFT JOIN sources s ON s.id = e.source_id LEFT JOIN waitlist_entries r ON r.id = e.referred_by_id AND r.erased_at IS NULL
            WHERE e.erased_at IS NULL ORDER BY e.position
            """),
        ("members", "email,name,tier,invited by,joined at,user id,entry,credited referrals",
            $"""
            SELECT m.email, m.name, m.tier, b.email, {Time("m.registered_at")}, m.public_id, e.public_id, m.credited_referrals
            FROM members m LEFT JOIN referrals r ON r.referred_member_id = m.id AND r.status = 'credited' LEFT JOIN members b ON b.id = r.referrer_member_id AND b.erased_at IS NULL
            LEFT JOIN waitlist_entries e ON e.id = m.entry_id
            WHERE m.erased_at IS NULL ORDER BY m.id
            """),
        ("codes", "code,kind,status,campaign,owner,entry,person,tier,used,limit,created at,expires at,lapsed at,revoked at,revoked because",
            $"""
            SELECT c.shown, c.kind, c.status, p.slug, m.public_id, e.public_id, c.person_name, c.tier, c.used_count, c.max_uses, {Time("c.created_at")}, {Time("c.expires_at")}, {Time("c.lapsed_at")}, {Time("c.revoked_at")}, c.revoked_reason
            FROM invite_codes c LEFT JOIN campaigns p ON p.id = c.campaign_id LEFT JOIN members m ON m.id = c.owner_member_id LEFT JOIN waitlist_entries e ON e.id = c.entry_id ORDER BY c.id
            """),
        ("redemptions", "code,user id,redeemed at", $"SELECT c.shown, m.public_id, {Time("r.redeemed_at")} FROM redemptions r JOIN invite_codes c ON c.id = r.code_id JOIN members m ON m.id = r.member_id ORDER BY r.id"),
        ("referrals", "referrer,referred,code,status,at",
            $"""
            SELECT b.public_id, m.public_id, c.shown, r.status, {Time("r.created_at")}
            FROM referrals r JOIN members b ON b.id = r.referrer_member_id JOIN members m ON m.id = r.referred_member_id LEFT JOIN invite_codes c ON c.id = r.code_id ORDER BY r.id
            """),
        ("points", "entry,kind,points,note,at", $"SELECT e.public_id, l.kind, l.points, l.note, {Time("l.created_at")} FROM points_ledger l JOIN waitlist_entries e ON e.id = l.entry_id ORDER BY l.id"),
        ("rewards", "user id,referrals,codes,tier,reason,at", $"SELECT m.public_id, g.threshold, g.codes, g.tier, g.reason, {Time("g.granted_at")} FROM reward_grants g JOIN members m ON m.id = g.member_id ORDER BY g.id"),
        ("campaigns", "id,slug,name,tier,codes,uses each,expires at,created by,created at",
            $"SELECT public_id, slug, name, tier, codes, max_uses_each, {Time("expires_at")}, created_by, {Time("created_at")} FROM campaigns ORDER BY id"),
        ("cohorts", "id,number,date,requested,invited,state,note,created by,created at,recalled at,snapshot",
            $"SELECT public_id, number, local_date::text, requested, invited, state, note, created_by, {Time("created_at")}, {Time("recalled_at")}, snapshot FROM cohorts ORDER BY id"),
        ("cohort-people", "cohort,entry,rank,points", "SELECT c.number, e.public_id, x.rank, x.points FROM cohort_entries x JOIN cohorts c ON c.id = x.cohort_id JOIN waitlist_entries e ON e.id = x.entry_id ORDER BY c.number, x.rank"),
        ("decisions", "at,date,outcome,reason,inputs,cohort",
            $"SELECT {Time("d.at")}, d.local_date::text, d.outcome, d.reason, d.inputs::text, c.number FROM rollout_decisions d LEFT JOIN cohorts c ON c.id = d.cohort_id ORDER BY d.id"),
        ("mails", "template,to,state,tries,queued at,sent at,error", $"SELECT template, recipient, state, attempts, {Time("created_at")}, {Time("sent_at")}, last_error FROM outbox ORDER BY id"),
        ("suppressions", "entry,user id,reason,by,note,at",
            $"""
            SELECT e.public_id, m.public_id, s.reason, s.by_name, s.note, {Time("s.created_at")}
            FROM suppressions s LEFT JOIN waitlist_entries e ON e.id = s.entry_id LEFT JOIN members m ON m.id = s.member_id ORDER BY s.created_at, s.email_hash
            """),
        ("notes", "entry,user id,note,by,at",
            $"SELECT e.public_id, m.public_id, n.text, n.author_name, {Time("n.created_at")} FROM notes n LEFT JOIN waitlist_entries e ON e.id = n.entry_id LEFT JOIN members m ON m.id = n.member_id ORDER BY n.id"),
        ("activity", "user id,day", "SELECT m.public_id, a.day::text FROM member_activity a JOIN members m ON m.id = a.member_id ORDER BY a.day, m.id"),
        ("signals", "name,value,at", $"SELECT name, value, {Time("at")} FROM signals ORDER BY id"),
        ("plans", "version,plan,by,at", $"SELECT version, plan::text, saved_by, {Time("saved_at")} FROM rollout_plan_versions ORDER BY plan_id, version"),
        ("templates", "template,version,subject,html,text,by,at", $"SELECT template, version, subject, html, text, saved_by, {Time("saved_at")} FROM mail_templates ORDER BY template, version"),
        ("settings", "section,values,by,at", $"SELECT section, saved::text, changed_by, {Time("changed_at")} FROM settings WHERE section <> 'chat' ORDER BY section"),
        ("sources", "name,points", "SELECT name, points FROM sources ORDER BY id"),
        ("milestones", "referrals,codes,tier", "SELECT threshold, codes, tier FROM milestones ORDER BY threshold"),
        ("audit", "at,who,action,target,target id,before,after,why", $"SELECT {Time("at")}, actor_name, action, target_kind, target_id, before::text, after::text, reason FROM audit_log ORDER BY id"),
    ];

    private static string Time(string column) => $"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
}
