using InviteAdmin.Results;

namespace InviteAdmin.Data;

/// <summary>
/// The idempotency key of a request whose effect shares a commit with others: whose it is, the hash of the request, and how
/// the outcome is shown, because what is shown is stored in that commit.
/// </summary>
public sealed class OnceKey(string caller, string key, byte[] requestHash, Func<OnceKey, object, Task<IdempotencyKey>> show)
{
    public string Caller => caller;

    public string Key => key;

    public byte[] RequestHash => requestHash;

    /// <summary>The answer to send: this request's, or the first one's. Null while nothing was written or found.</summary>
    public IdempotencyKey? Stored { get; private set; }

    /// <summary>The answer is an earlier request's.</summary>
    public bool Replayed { get; private set; }

    /// <summary>The key was in use or used for something else; nothing is to be stored.</summary>
    public bool Refused { get; private set; }

    internal async Task<IdempotencyKey> Show(object outcome) => Stored = await show(this, outcome);

    /// <summary>Null when the request is to run; otherwise what stands in its way.</summary>
    internal Failure? Judge(bool held, IdempotencyKey? earlier)
    {
        // A batch that failed is judged again.
        (Stored, Replayed, Refused) = (null, false, false);
        if (held && earlier is null)
        {
            return null;
        }

        if (held && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(earlier!.RequestHash, RequestHash))
        {
            (Stored, Replayed) = (earlier, true);
            return new AnsweredBefore();
        }

        Refused = true;
        return held ? new KeyMismatch() : new KeyInFlight();
    }
}

/// <summary>The idempotency key of the request this scope serves, if it has one.</summary>
public sealed class RequestKey
{
    public OnceKey? Once { get; set; }
}

/// <summary>Another request with this key is running.</summary>
public sealed record KeyInFlight() : Failure("idempotency-in-flight", "The first request with this key is still running. Send it again in a moment.");

/// <summary>The key belongs to another request.</summary>
public sealed record KeyMismatch() : Failure("idempotency-mismatch", "This key was used for another request in the last 24 hours.");

/// <summary>The key has its answer, which is sent in place of this.</summary>
public sealed record AnsweredBefore() : Failure("idempotency-in-flight", "The request with this key has its answer.");
