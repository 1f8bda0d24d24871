using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>A person signs up with a code. <c>EmailVerified</c> is believed of API keys only.</summary>
public sealed record RedeemRequest(string? Code, string? Email, string? Name, bool EmailVerified = false);

/// <summary>The new member: public id, tier, the member who brought them (public id) and their personal codes.</summary>
public sealed record RedeemAnswer(string UserId, string Tier, string? InvitedBy, IReadOnlyList<GivenCode> Codes);

/// <summary>
/// Spends one use of a code and makes its bearer a member: redemption, personal codes, the entry registered, the referral
/// with its milestone grants, and the mail, in one commit. The use is spent by a conditional UPDATE under the code's row lock.
/// </summary>
public sealed class RedeemInvite(Transactions transactions, TimeProvider time, IOptions<InvitesOptions> options)
{
    public async Task<Outcome<RedeemAnswer>> One(Actor actor, RedeemRequest request, CancellationToken cancel) =>
        (await Many(actor, [request], cancel))[0];

    /// <summary>Redemptions that arrive together share statements and a commit; each gets its own answer, in order.</summary>
    public async Task<IReadOnlyList<Outcome<RedeemAnswer>>> Many(Actor actor, IReadOnlyList<RedeemRequest> requests, CancellationToken cancel)
    {
        var answers = new Outcome<RedeemAnswer>[requests.Count];
        var open = new List<RedeemRow>(requests.Count);
        for (var i = 0; i < requests.Count; i++)
        {
            if (actor.Refuse(Permission.Redeem) is { } refused)
            {
                answers[i] = refused;
            }
            else if (Check(actor, requests[i], i, out var row) is { } failure)
            {
                answers[i] = failure;
            }
            else
            {
                open.Add(row);
            }
        }

        while (open.Count > 0)
        {
            // One row per email in a statement; a second one for the same email is judged after the first has its answer.
            var batch = open.DistinctBy(r => r.Email.Canonical).ToList();
            open = [.. open.Except(batch)];
            await transactions.Run(async connection =>
            {
                await Redeem(connection, batch, answers, cancel);
                return true;
            }, cancel);
        }

        return answers;
    }

    private async Task Redeem(NpgsqlConnection connection, List<RedeemRow> rows, Outcome<RedeemAnswer>[] answers, CancellationToken cancel)
    {
        var rules = options.Value;
        var ids = rows.Select(_ => Tokens.NewId("usr", time)).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Sql.BatchCommand(
            RedeemSql.Spend, rows.Select(r => r.Code).ToArray(), rows.Select(r => r.Email.Address).ToArray(), rows.Select(r => r.Email.Canonical).ToArray(),
            rows.Select(r => r.Name).ToArray(), rows.Select(r => r.Verified).ToArray(), ids, CodeText.New(rows.Count * rules.PersonalCodes), rules.PersonalCodes, rules.PersonalDays));
        batch.BatchCommands.Add(Sql.BatchCommand(RedeemSql.EndInvitations, [ids]));
        batch.BatchCommands.Add(Sql.BatchCommand(RedeemSql.Refer, [ids]));
        batch.BatchCommands.Add(Sql.BatchCommand(RedeemSql.Reward, ids, rules.PersonalDays));
        batch.BatchCommands.Add(Sql.BatchCommand(RedeemSql.Answer, [ids]));
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var refusals = await reader.All(row => row.Text(0), cancel);
        // The statements between the first and the last return no rows.
        await reader.NextResultAsync(cancel);
        var members = (await reader.All(
            row => (Id: row.GetString(0), Tier: row.GetString(1), InvitedBy: row.Text(2), Code: row.Text(3), Expires: row.Time(4)), cancel)).ToLookup(m => m.Id, StringComparer.Ordinal);
        for (var n = 0; n < rows.Count; n++)
        {
            answers[rows[n].Index] = refusals[n] switch
            {
                null => Answer(members[ids[n]].ToList()),
                "unknown" => new CodeUnknown(),
                "revoked" => new CodeRevoked(),
                "expired" => new CodeExpired(),
                "exhausted" => new CodeExhausted(),
                _ => new EmailRegistered(),
            };
        }
    }

    private static RedeemAnswer Answer(List<(string Id, string Tier, string? InvitedBy, string? Code, DateTimeOffset? Expires)> rows) =>
        new(rows[0].Id, rows[0].Tier, rows[0].InvitedBy, [.. rows.Where(r => r.Code is not null).Select(r => new GivenCode(r.Code!, r.Expires))]);

    private static Failure? Check(Actor actor, RedeemRequest request, int index, out RedeemRow row)
    {
        var checks = new FieldChecks();
        var code = CodeText.Canonical(request.Code);
        if (string.IsNullOrWhiteSpace(request.Code))
        {
            checks.Refuse("code", "Code is needed.");
        }

        row = new RedeemRow(index, code, checks.Email("email", request.Email), checks.Name("name", request.Name), request.EmailVerified && actor.Kind != "public");
        return checks.Failure ?? (code.Length == 0 ? new CodeUnknown() : (Failure?)null);
    }

    private sealed record RedeemRow(int Index, string Code, EmailAddress Email, string Name, bool Verified);
}
