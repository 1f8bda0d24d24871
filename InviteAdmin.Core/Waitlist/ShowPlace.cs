using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Waitlist;

/// <summary>
/// Somebody who is on the list already says that it was they who asked for a place again, so that the page they did it on may show their place. To open the mailed link is
/// not enough: mail scanners open links too, and a stranger who typed the address would learn that it is on the list.
/// </summary>
public sealed class ShowPlace(Transactions transactions)
{
    /// <summary>Answers with how many pages may show it now. Again changes nothing.</summary>
    public async Task<Outcome<int>> One(Actor actor, string? statusToken, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Join) is { } refused)
        {
            return refused;
        }

        if (statusToken is not { Length: > 0 and <= 100 } || !People.PlainText.IsClean(statusToken))
        {
            return new TokenUnknown();
        }

        return await transactions.Run<int>(async connection =>
        {
            var entry = await connection.Scalar<long>("SELECT id FROM waitlist_entries WHERE status_token = $1", cancel, statusToken.Trim().ToLowerInvariant());
            return entry == 0
                ? new TokenUnknown()
                : await connection.Execute("UPDATE join_watches SET shown_at = now() WHERE entry_id = $1 AND shown_at IS NULL AND created_at > now() - $2 * interval '1 minute'", cancel, entry, JoinWatch.Minutes);
        }, cancel);
    }

    /// <summary>Forgets pages that hear nothing any more; returns how many.</summary>
    public Task<int> Sweep(CancellationToken cancel) => transactions.Run(connection => connection.Execute("DELETE FROM join_watches WHERE created_at < now() - interval '1 hour'", cancel), cancel);
}
