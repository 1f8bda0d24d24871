using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Campaigns;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>A new limit of uses, and the limit its editor saw.</summary>
public sealed record LimitRequest(int MaxUses, int Seen);

/// <summary>More uses are spent than the limit would allow.</summary>
public sealed record LimitBelowUsed(int Used)
    : Failure("limit-below-used", string.Create(CultureInfo.InvariantCulture, $"{Used:N0} {(Used == 1 ? "use is" : "uses are")} spent already, and whoever used the code stays. Choose {Used:N0} or more, or revoke the code."));

/// <summary>A code that belongs to one person works once, always.</summary>
public sealed record LimitFixed() : Failure("limit-fixed", "Personal codes and invitations work once each. Give the person another code instead.");

/// <summary>
/// Changes how often a campaign's or VIP code can be used, never below what is spent. A conditional UPDATE under the code's row lock decides against redemptions at the same instant
/// and compares the limit its editor saw, so that two people cannot overwrite each other.
/// </summary>
public sealed class RaiseLimit(Transactions transactions)
{
    public async Task<Outcome<CodeFacts>> One(Actor actor, string code, LimitRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        checks.Within("maxUses", request.MaxUses, 1, MintCampaign.MostUses);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        var canonical = CodeText.Canonical(code);
        return await transactions.Run<CodeFacts>(async connection =>
        {
            var changed = await connection.Query(
                "UPDATE invite_codes SET max_uses = $2 WHERE code = $1 AND status = 'active' AND kind IN ('campaign', 'vip') AND max_uses = $3 AND used_count <= $2 RETURNING id, used_count",
                row => (Id: row.GetInt64(0), Used: row.GetInt32(1)), cancel, canonical, request.MaxUses, request.Seen);
            if (changed.Count == 0)
            {
                return await WhyNot();
            }

            await connection.Audit(actor, "code.limit", "code", $"{changed[0].Id}", cancel, before: new { MaxUses = request.Seen }, after: new { request.MaxUses, changed[0].Used });
            return (await connection.Query($"{CodeFacts.Select} WHERE c.code = $1", CodeFacts.Read, cancel, canonical))[0];

            async Task<Failure> WhyNot() => (await connection.Query("SELECT status, kind, max_uses, used_count FROM invite_codes WHERE code = $1",
                row => (Status: row.GetString(0), Kind: row.GetString(1), Max: row.GetInt32(2), Used: row.GetInt32(3)), cancel, canonical)) switch
            {
                [] => new CodeUnknown(),
                [{ Kind: not ("campaign" or "vip") }] => new LimitFixed(),
                [{ Status: "revoked" }] => new CodeRevoked(),
                [var now] when now.Max != request.Seen => new CodeChanged(Words(now.Max), Words(request.MaxUses)),
                [var now] => new LimitBelowUsed(now.Used),
                _ => new CodeUnknown(),
            };
        }, cancel);
    }

    private static string Words(int uses) => string.Create(CultureInfo.InvariantCulture, $"limited to {uses:N0} {(uses == 1 ? "use" : "uses")}");
}
