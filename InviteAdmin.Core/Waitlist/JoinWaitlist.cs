using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;

namespace InviteAdmin.Waitlist;

/// <summary>A person asks for a place. <c>Source</c> is a registered source's slug; keys and staff may give its name.</summary>
public sealed record JoinRequest(string? Email, string? Name, string? Source = null, string? Referral = null, bool EmailVerified = false)
{
    /// <summary>The page that waits for an answer to the mail; null when none does.</summary>
    public JoinWatch? Watch { get; init; }
}

/// <summary>The entry, whether it is new, and what of the request was ignored.</summary>
public sealed record JoinAnswer(bool IsNew, EntryFacts Entry, IReadOnlyList<string> Warnings);

/// <summary>
/// Puts a person on the waitlist: one entry per canonical email, however often and by however many callers it is asked for.
/// Points follow when the email is confirmed; a verified email is confirmed at once. Joins that arrive together share a commit.
/// </summary>
public sealed class JoinWaitlist(SharedCommit<JoinRow, JoinAnswer> shared, EmailHash emailHash, RequestKey key)
{
    public async Task<Outcome<JoinAnswer>> One(Actor actor, JoinRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Join) is { } refused)
        {
            return refused;
        }

        return await Telemetry.Watch(async () => Check(actor, request, out var row) is { } invalid
            ? invalid
            : await shared.Add(row with { EmailHash = await emailHash.Of(row.Email.Canonical, cancel) }, key.Once, cancel));
    }

    internal static Invalid? Check(Actor actor, JoinRequest request, out JoinRow row)
    {
        var checks = new FieldChecks();
        row = new JoinRow(
            checks.Email("email", request.Email), checks.Name("name", request.Name), checks.Text("source", request.Source, 100), checks.Text("referral", request.Referral, 100),
            request.EmailVerified && actor.Kind != "public", actor.Kind != "public", null) { Watch = request.Watch };
        return checks.Failure;
    }
}

/// <summary>A join whose fields have been checked.</summary>
public sealed record JoinRow(EmailAddress Email, string Name, string? Source, string? Referral, bool Verified, bool MayNameSource, DateTimeOffset? JoinedAt)
{
    public byte[] EmailHash { get; init; } = [];

    public JoinWatch? Watch { get; init; }
}
