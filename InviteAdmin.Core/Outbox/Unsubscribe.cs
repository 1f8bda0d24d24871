using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;

namespace InviteAdmin.Outbox;

/// <summary>Whether an unsubscribe link is one of ours, and how its address stands: mailed, unsubscribed, or stopped for a reason only staff can lift.</summary>
public enum UnsubscribeState
{
    Mailed,
    Unsubscribed,
    Stopped,
}

/// <summary>The reader of a mail stops all further mail, and takes that back. Both may be repeated.</summary>
public sealed class Unsubscribe(Transactions transactions, UnsubscribeLinks links)
{
    private static readonly string[] OwnReason = ["unsubscribed"];

    public Task<Outcome<UnsubscribeState>> Look(Actor actor, string token, CancellationToken cancel) => Run(actor, token, (_, _) => Task.CompletedTask, cancel);

    public Task<Outcome<UnsubscribeState>> One(Actor actor, string token, CancellationToken cancel) =>
        Run(actor, token, (connection, hash) => Suppressions.Write(connection, hash, "unsubscribed", null, null, null, cancel), cancel);

    /// <summary>“It was a mistake.” What bounced, was reported as spam or was stopped by staff stays stopped.</summary>
    public Task<Outcome<UnsubscribeState>> TakeBack(Actor actor, string token, CancellationToken cancel) =>
        Run(actor, token, (connection, hash) => Suppressions.Lift(connection, hash, OwnReason, cancel), cancel);

    private async Task<Outcome<UnsubscribeState>> Run(Actor actor, string token, Func<Npgsql.NpgsqlConnection, byte[], Task> change, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Join) is { } refused)
        {
            return refused;
        }

        if (await links.Open(token, cancel) is not { } hash)
        {
            return new NotFound("unsubscribe link");
        }

        return await transactions.Run<UnsubscribeState>(async connection =>
        {
            await change(connection, hash);
            return await connection.Scalar<string>("SELECT reason FROM suppressions WHERE email_hash = $1", cancel, hash) switch
            {
                null => UnsubscribeState.Mailed,
                "unsubscribed" => UnsubscribeState.Unsubscribed,
                _ => UnsubscribeState.Stopped,
            };
        }, cancel);
    }
}
