using System.Data.Common;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>What anyone holding a code may know of it. <c>Reason</c> is null while it is valid: unknown, revoked, expired or exhausted.</summary>
public sealed record CodeFacts(string Code, bool Valid, string? Reason, string Kind, string? Tier, string? Campaign, int UsesLeft, DateTimeOffset? ExpiresAt)
{
    internal const string Select =
        """
        SELECT c.shown, CASE WHEN c.status = 'revoked' THEN 'revoked' WHEN c.expires_at <= now() THEN 'expired' WHEN c.used_count >= c.max_uses THEN 'exhausted' END,
          c.kind, c.tier, p.slug, c.max_uses - c.used_count, c.expires_at
        FROM invite_codes c LEFT JOIN campaigns p ON p.id = c.campaign_id
        """;

    internal static CodeFacts Read(DbDataReader row) => new(
        row.GetString(0), row.IsDBNull(1), row.Text(1), row.GetString(2), row.Text(3), row.Text(4), row.GetInt32(5), row.Time(6));
}

/// <summary>A code just given to somebody, as it is shown.</summary>
public sealed record GivenCode(string Code, DateTimeOffset? ExpiresAt);

/// <summary>No code reads like this.</summary>
public sealed record CodeUnknown() : Failure("code-unknown", "This code is not known. Check its letters and digits.");

/// <summary>The code was taken back.</summary>
public sealed record CodeRevoked() : Failure("code-revoked", "This code was taken back and cannot be used any more.");

/// <summary>The code's time is over.</summary>
public sealed record CodeExpired() : Failure("code-expired", "This code has run out.");

/// <summary>Every use of the code is spent.</summary>
public sealed record CodeExhausted() : Failure("code-exhausted", "This code has been used up.");

/// <summary>The email belongs to a member already.</summary>
public sealed record EmailRegistered() : Failure("email-registered", "This email has an account already. Sign in instead; the code was not used.");
