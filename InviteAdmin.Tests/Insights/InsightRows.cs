using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Insights;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Insights;

/// <summary>People at moments a test chooses, written as rows, so that every count can be done by hand.</summary>
internal sealed class InsightRows(FreshDatabase database)
{
    private int _made;

    /// <summary>Somebody on the list. Times are UTC; null for what did not happen.</summary>
    public async Task<long> Entry(string joined, string? confirmed = null, string? invited = null, string? registered = null, string? source = null)
    {
        var n = ++_made;
        var status = registered is not null ? "registered" : invited is not null ? "invited" : confirmed is not null ? "waiting" : "unconfirmed";
        return await One($"""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, joined_at, confirmed_at, invited_at, registered_at, source_id, referral_token, status_token)
            VALUES ('wl_row{n}', 'row{n}@example.com', 'row{n}@example.com', 'Ann', '{status}', '{joined}Z', {Time(confirmed)}, {Time(invited)}, {Time(registered)}, (SELECT id FROM sources WHERE name = '{source}'), 'rr{n}', 'rs{n}') RETURNING id
            """);
    }

    /// <summary>A member who came by a code of a campaign, a cohort, or neither.</summary>
    public async Task<long> Member(string registered, long? entry = null, long? campaign = null, long? cohort = null, int credited = 0)
    {
        var n = ++_made;
        var (kind, belongs) = campaign is not null ? ("campaign", $"{campaign}, NULL, NULL") : cohort is not null ? ("waitlist", $"NULL, {cohort}, {entry}") : ("vip", "NULL, NULL, NULL");
        return await One($"""
            WITH code AS (
              INSERT INTO invite_codes (code, shown, kind, person_name, used_count, campaign_id, cohort_id, entry_id) SELECT c, c, '{kind}', 'Ann', 1, {belongs} FROM (SELECT new_code() AS c) x RETURNING id
            ), member AS (
              INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals, entry_id, registered_at)
              VALUES ('usr_row{n}', 'member{n}@example.com', 'member{n}@example.com', 'Ann', 3, {credited}, {entry?.ToString(CultureInfo.InvariantCulture) ?? "NULL"}, '{registered}Z') RETURNING id
            )
            INSERT INTO redemptions (member_id, code_id, redeemed_at) SELECT member.id, code.id, '{registered}Z' FROM member, code RETURNING member_id
            """);
    }

    public Task<long> Referral(long referrer, long referred, string at, string status = "credited") =>
        One($"INSERT INTO referrals (referrer_member_id, referred_member_id, status, created_at) VALUES ({referrer}, {referred}, '{status}', '{at}Z') RETURNING id");

    public Task<long> Cohort(int number, string at, int invited, string state = "released") => One($"""
        INSERT INTO cohorts (public_id, number, requested, invited, state, created_by, created_at, undo_until, snapshot)
        VALUES ('co_row{number}', {number}, {invited}, {invited}, '{state}', 'Ann', '{at}Z', '{at}Z', 'x') RETURNING id
        """);

    public Task<long> Campaign(string slug, int codes, int uses) => One(
        $"INSERT INTO campaigns (public_id, slug, name, codes, max_uses_each, created_by) VALUES ('cp_{slug}', '{slug}', '{slug}', {codes}, {uses}, 'Ann') RETURNING id");

    public static async Task Count(Product product) => (await product.Do<RefreshInsights, Outcome<InsightReport>>(r => r.Run(Actor.System, default))).Must();

    private async Task<long> One(string sql) => await database.Scalar<long>(sql);

    private static string Time(string? at) => at is null ? "NULL" : $"'{at}Z'";
}
