using System.Data.Common;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Waitlist;

/// <summary>What a use case says of an entry after acting on it. The id is the public one.</summary>
public sealed record EntryFacts(
    string Id, string Email, string Name, EntryStatus Status, long Position, int Points, string ReferralToken, string StatusToken, DateTimeOffset JoinedAt, DateTimeOffset? InvitedAt)
{
    /// <summary>The columns <see cref="Read"/> expects first, of a table aliased e.</summary>
    internal const string Columns =
        "e.public_id, e.email, e.name, e.status, e.position, e.points, e.referral_token, e.status_token, e.joined_at, e.invited_at";

    internal static EntryFacts Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), Enum.Parse<EntryStatus>(row.GetString(3), true), row.GetInt64(4), row.GetInt32(5),
        row.GetString(6), row.GetString(7), row.GetFieldValue<DateTimeOffset>(8), row.Time(9));
}

/// <summary>The link's token belongs to nobody.</summary>
public sealed record TokenUnknown() : Failure("token-unknown", "This link is not known. Check that it is complete, or join again to get a new one.");

/// <summary>The link was right once.</summary>
public sealed record TokenExpired() : Failure("token-expired", "This link has run out. Join again with the same email to get a new one.");
