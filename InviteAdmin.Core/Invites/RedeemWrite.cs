using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>The statements that redeem codes. A use is spent by a conditional UPDATE under the code's row lock.</summary>
internal sealed class RedeemWrite(TimeProvider time, IOptions<InvitesOptions> options) : ISharedWrite<RedeemRow, RedeemAnswer>
{
    public string KeyOf(RedeemRow item) => item.Code;

    public async Task<IReadOnlyList<Outcome<RedeemAnswer>>> Write(NpgsqlConnection connection, IReadOnlyList<RedeemRow> items, CancellationToken cancel)
    {
        var answers = new Dictionary<RedeemRow, Outcome<RedeemAnswer>>(ReferenceEqualityComparer.Instance);
        for (var open = items; open.Count > 0; open = [.. items.Where(r => !answers.ContainsKey(r))])
        {
            // One row per email in a statement; a second one for the same email is judged after the first has its answer.
            var rows = open.DistinctBy(r => r.Email.Canonical).ToList();
            var written = await Redeem(connection, rows, cancel);
            for (var n = 0; n < rows.Count; n++)
            {
                answers[rows[n]] = written[n];
            }
        }

        return [.. items.Select(r => answers[r])];
    }

    private async Task<Outcome<RedeemAnswer>[]> Redeem(NpgsqlConnection connection, List<RedeemRow> rows, CancellationToken cancel)
    {
        var answers = new Outcome<RedeemAnswer>[rows.Count];
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
        await batch.PrepareAsync(cancel);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var refusals = await reader.All(row => row.Text(0), cancel);
        // The statements between the first and the last return no rows.
        await reader.NextResultAsync(cancel);
        var members = (await reader.All(
            row => (Id: row.GetString(0), Tier: row.GetString(1), InvitedBy: row.Text(2), Code: row.Text(3), Expires: row.Time(4)), cancel)).ToLookup(m => m.Id, StringComparer.Ordinal);
        for (var n = 0; n < rows.Count; n++)
        {
            answers[n] = refusals[n] switch
            {
                null => Answer(members[ids[n]].ToList()),
                "unknown" => new CodeUnknown(),
                "revoked" => new CodeRevoked(),
                "expired" => new CodeExpired(),
                "exhausted" => new CodeExhausted(),
                _ => new EmailRegistered(),
            };
        }

        return answers;
    }

    private static RedeemAnswer Answer(List<(string Id, string Tier, string? InvitedBy, string? Code, DateTimeOffset? Expires)> rows) =>
        new(rows[0].Id, rows[0].Tier, rows[0].InvitedBy, [.. rows.Where(r => r.Code is not null).Select(r => new GivenCode(r.Code!, r.Expires))]);
}
