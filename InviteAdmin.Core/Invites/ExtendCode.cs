using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>A new end for a code, and the end its editor saw. Null is never; invitations and personal codes always have an end.</summary>
public sealed record ExtendRequest(DateTimeOffset? Until, DateTimeOffset? Seen);

/// <summary>Somebody else changed the code while it was edited; both versions.</summary>
/// <param name="Now">What it is now, in words.</param>
/// <param name="Yours">What was to be saved, in words.</param>
public sealed record CodeChanged(string Now, string Yours)
    : Failure("code-changed", $"Somebody changed this code meanwhile: it is {Now} now, and you wanted {Yours}. Nothing of yours was saved. Look again, then decide.");

/// <summary>The invitation ran out and its person waits again; a new invitation makes a new code.</summary>
public sealed record CodeLapsed() : Failure("code-lapsed", "This invitation has lapsed and its person waits again. Invite them again instead.");

/// <summary>
/// Gives a code a new end, in the future. A conditional UPDATE compares the end its editor saw, so that two people cannot overwrite each other; redemptions meanwhile do not matter.
/// </summary>
public sealed class ExtendCode(Transactions transactions)
{
    public async Task<Outcome<CodeFacts>> One(Actor actor, string code, ExtendRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        var canonical = CodeText.Canonical(code);
        return await transactions.Run<CodeFacts>(async connection =>
        {
            var changed = await connection.Query(
                """
                UPDATE invite_codes SET expires_at = $2::timestamptz
                WHERE code = $1 AND status = 'active' AND lapsed_at IS NULL AND expires_at IS NOT DISTINCT FROM $3::timestamptz
                  AND CASE WHEN $2::timestamptz IS NULL THEN kind IN ('campaign', 'vip') ELSE $2::timestamptz > clock_timestamp() AND $2::timestamptz < clock_timestamp() + interval '3651 days' END
                RETURNING id
                """,
                row => row.GetInt64(0), cancel, canonical, request.Until?.ToUniversalTime(), request.Seen?.ToUniversalTime());
            if (changed.Count == 0)
            {
                return await WhyNot();
            }

            await connection.Audit(actor, "code.extended", "code", $"{changed[0]}", cancel, before: new { ExpiresAt = request.Seen }, after: new { ExpiresAt = request.Until });
            return (await connection.Query($"{CodeFacts.Select} WHERE c.code = $1", CodeFacts.Read, cancel, canonical))[0];

            async Task<Failure> WhyNot() => (await connection.Query("SELECT status, lapsed_at, expires_at FROM invite_codes WHERE code = $1", row => (Status: row.GetString(0), Lapsed: row.Time(1), Expires: row.Time(2)), cancel, canonical)) switch
            {
                [] => new CodeUnknown(),
                [{ Status: "revoked" }] => new CodeRevoked(),
                [{ Lapsed: not null }] => new CodeLapsed(),
                [var now] when now.Expires != request.Seen => new CodeChanged(Ends(now.Expires), Ends(request.Until)),
                _ => new Invalid("until", request.Until is null ? "This kind of code always has an end. Choose a day." : "The end must lie in the future, at most ten years ahead."),
            };
        }, cancel);
    }

    private static string Ends(DateTimeOffset? at) => at is null ? "without an end" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"valid until {at:d MMM yyyy, HH:mm} UTC");
}
