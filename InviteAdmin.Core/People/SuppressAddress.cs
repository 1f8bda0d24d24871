using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.People;

/// <summary>Whoever was erased stays without mail.</summary>
public sealed record ErasedAddress() : Failure("erased-address", "This person was erased, so their address stays without mail.");

/// <summary>Staff stop all mail to an address, or let mail go there again; both with a reason that the record keeps.</summary>
public sealed class SuppressAddress(Transactions transactions, EmailHash hashes)
{
    private const int MostReason = 500;
    private static readonly string[] Liftable = ["unsubscribed", "bounced", "complained", "staff"];

    /// <summary>True when mail is stopped from now on, false when it was before.</summary>
    public async Task<Outcome<bool>> Stop(Actor actor, string? email, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        var address = checks.Email("email", email);
        reason = checks.Text("reason", reason, MostReason, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        var hash = await hashes.Of(address.Canonical, cancel);
        return await transactions.Run<bool>(async connection =>
        {
            var stopped = await Suppressions.Write(connection, hash, "staff", address.Canonical, reason, actor.Name, cancel);
            if (stopped)
            {
                await connection.Audit(actor, "address.suppressed", "address", Short(hash), cancel, after: new { Reason = "staff" }, reason: reason);
            }

            return stopped;
        }, cancel);
    }

    /// <summary>True when mail may go there again, false when it could already.</summary>
    /// <param name="address">The hash of the address in hexadecimal, as the list of suppressions names it.</param>
    public async Task<Outcome<bool>> Lift(Actor actor, string address, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, MostReason, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        if (address.Length != 64 || !address.All(char.IsAsciiHexDigit))
        {
            return new NotFound("suppression");
        }

        var hash = Convert.FromHexString(address);
        return await transactions.Run<bool>(async connection =>
        {
            await SuppressionLock.Take(connection, hash, cancel);
            var before = await connection.Scalar<string>("SELECT reason FROM suppressions WHERE email_hash = $1", cancel, hash);
            if (before is null)
            {
                return false;
            }

            if (!await Suppressions.Lift(connection, hash, Liftable, cancel))
            {
                return new ErasedAddress();
            }

            await connection.Audit(actor, "address.lifted", "address", Short(hash), cancel, before: new { Reason = before }, reason: reason);
            return true;
        }, cancel);
    }

    // Names the address without being it.
    private static string Short(byte[] hash) => Convert.ToHexStringLower(hash)[..12];
}
