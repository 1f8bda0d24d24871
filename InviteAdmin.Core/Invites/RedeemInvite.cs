using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>A person signs up with a code. <c>EmailVerified</c> is believed of API keys only.</summary>
public sealed record RedeemRequest(string? Code, string? Email, string? Name, bool EmailVerified = false);

/// <summary>The new member: public id, tier, the member who brought them (public id) and their personal codes.</summary>
public sealed record RedeemAnswer(string UserId, string Tier, string? InvitedBy, IReadOnlyList<GivenCode> Codes);

/// <summary>
/// Spends one use of a code and makes its bearer a member: redemption, personal codes, the entry registered, the referral
/// with its milestone grants, and the mail, in one commit, which redemptions that arrive together share.
/// </summary>
public sealed class RedeemInvite(SharedCommit<RedeemRow, RedeemAnswer> shared, RequestKey key, CodeAttempts attempts)
{
    public async Task<Outcome<RedeemAnswer>> One(Actor actor, RedeemRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Redeem) is { } refused)
        {
            return refused;
        }

        var failure = Check(actor, request, out var row);
        var outcome = await Telemetry.Watch(async () => failure is null ? await shared.Add(row, key.Once, cancel) : (Outcome<RedeemAnswer>)failure);
        if (!outcome.Succeeded)
        {
            attempts.Note(row.Code, outcome.Failure);
        }

        return outcome;
    }

    internal static Failure? Check(Actor actor, RedeemRequest request, out RedeemRow row)
    {
        var checks = new FieldChecks();
        var code = CodeText.Canonical(request.Code);
        if (string.IsNullOrWhiteSpace(request.Code))
        {
            checks.Refuse("code", "Code is needed.");
        }

        row = new RedeemRow(code, checks.Email("email", request.Email), checks.Name("name", request.Name), request.EmailVerified && actor.Kind != "public");
        return checks.Failure ?? (code.Length == 0 ? new CodeUnknown() : (Failure?)null);
    }
}

/// <summary>A redemption whose fields have been checked; the code is canonical.</summary>
public sealed record RedeemRow(string Code, EmailAddress Email, string Name, bool Verified);
