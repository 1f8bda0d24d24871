using System.Data.Common;
using System.Globalization;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>Everything that happened to a person, newest first: one query, put into words.</summary>
public sealed class TimelineQueries(NpgsqlDataSource source)
{
    public const int PageSize = 50;

    /// <summary>Nobody pages past this; the filter by kind finds what is older.</summary>
    public const int LastPage = 100;

    /// <param name="id">The public id of an entry or of a member.</param>
    /// <param name="page">From 1.</param>
    public async Task<TimelineRows> Page(string id, TimelineKind? only, int page, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        if (await PersonKeys.Of(connection, id, cancel) is not { } keys)
        {
            return new([], false);
        }

        var rows = await connection.Query(TimelineSql.Page(only, (Math.Clamp(page, 1, LastPage) - 1) * PageSize, PageSize + 1), Read, cancel, keys.Entry, keys.Member, keys.Emails);
        return new([.. rows.Take(PageSize)], rows.Count > PageSize);
    }

    private static TimelineEvent Read(DbDataReader row)
    {
        var (at, kind, happened) = (row.GetFieldValue<DateTimeOffset>(0), Enum.Parse<TimelineKind>(row.GetString(1)), row.GetString(2));
        var (a, b, c, n) = (row.Text(3), row.Text(4), row.Text(5), row.GetInt32(6));
        return kind switch
        {
            TimelineKind.List => OfList(at, happened, a, b, c, n),
            TimelineKind.Points => OfPoints(at, happened, a, b, c, n),
            TimelineKind.Mails => OfMail(at, happened, a!, b, c, n),
            TimelineKind.Codes => OfCode(at, happened, a, b, c, n),
            TimelineKind.Referrals => OfReferral(at, happened, a, b, c, n),
            TimelineKind.Staff => OfStaff(at, happened, a, b, c!),
            _ => new(at, kind, "Note", a, b),
        };
    }

    private static TimelineEvent OfList(DateTimeOffset at, string happened, string? a, string? b, string? c, int n) => happened switch
    {
        "joined" => new(at, TimelineKind.List, $"Joined the waitlist{(b is not null ? $" through the link of {b}" : a is not null ? $" from {a}" : "")}", Href: Person(c)),
        "confirmed" => new(at, TimelineKind.List, "Confirmed their email"),
        "invited" => new(at, TimelineKind.List, $"Invited in cohort {Number(n)} at rank {c}", By: a, Why: Standing(b), Href: Cohort(n)),
        "undone" => new(at, TimelineKind.List, $"The release of cohort {Number(n)} was undone", Href: Cohort(n)),
        "recalled" => new(at, TimelineKind.List, $"Cohort {Number(n)} was recalled", Href: Cohort(n)),
        "lapsed" => new(at, TimelineKind.List, $"The invitation ran out unused: code {c}", Href: Code(c)),
        "registered" => new(at, TimelineKind.List, $"Registered{(c is null ? "" : $" with {(a == "vip" ? "VIP" : a)} code {c}")}{(b is null ? "" : $", brought by {b}")}", Href: Code(c)),
        _ => new(at, TimelineKind.List, a switch
        {
            "person" => "Left the waitlist themselves",
            "lapse" => "Left the waitlist, because a second invitation ran out",
            "member" => "Left the waitlist, because they registered with an invitation to another address",
            _ => "Left the waitlist",
        }),
    };

    private static TimelineEvent OfPoints(DateTimeOffset at, string happened, string? note, string? other, string? otherId, int points) => new(
        at, TimelineKind.Points, happened == "rules" ? $"Points counted again by new rules: {points.ToString("+#,0;−#,0;0", CultureInfo.InvariantCulture)}" : $"{points.ToString("+#,0;−#,0;0", CultureInfo.InvariantCulture)} points: " + happened switch
        {
            "arrived" => $"came through the link of {other ?? "somebody who has left"}",
            "brought" => $"brought {other ?? "somebody who has left"}",
            "source" => $"came from {other ?? "a source"}",
            "reversal" => "taken back",
            _ => "changed by staff",
        }, Why: note, Href: Person(otherId));

    private static TimelineEvent OfMail(DateTimeOffset at, string happened, string template, string? error, string? id, int tries)
    {
        var mail = Mail(template);
        return new(at, TimelineKind.Mails, happened switch
        {
            "sent" => $"Mail sent: {mail}",
            "pending" => $"Mail waits to be sent: {mail}",
            "dead" => $"Mail failed after {(tries == 1 ? "one try" : $"{Number(tries)} tries")}: {mail}",
            "suppressed" => $"Mail not sent, because the address gets no mail: {mail}",
            "cancelled" => $"Mail cancelled before it left: {mail}",
            _ => $"A try to send the mail failed: {mail}",
        }, Why: happened is "sent" or "cancelled" ? null : error, Href: $"/admin/emails/{id}");
    }

    private static TimelineEvent OfCode(DateTimeOffset at, string happened, string? a, string? b, string? code, int n) => happened switch
    {
        "given" => new(at, TimelineKind.Codes, code is null ? $"Got {Number(n)} {a} codes" : $"Got {(a == "waitlist" ? "the invitation" : a == "vip" ? "the VIP" : $"the {a}")} code {code}", Href: Code(code)),
        "used" => new(at, TimelineKind.Codes, $"{a} signed up with their code {code}", Href: Person(b)),
        "expired" => new(at, TimelineKind.Codes, $"Code {code} ran out unused", Href: Code(code)),
        "refused" => new(at, TimelineKind.Codes, $"{(n == 1 ? "A sign-up" : $"{Number(n)} sign-ups")} with code {code} {(n == 1 ? "was" : "were")} refused: {CodeAttempts.Why(a!)}", Href: Code(code)),
        _ => new(at, TimelineKind.Codes, $"Code {code} was taken back", Why: a, Href: Code(code)),
    };

    private static TimelineEvent OfReferral(DateTimeOffset at, string happened, string? a, string? b, string? c, int n) => happened switch
    {
        "brought" => new(at, TimelineKind.Referrals, $"Brought {a}{(b == "credited" ? "" : $" ({b})")}", Href: Person(c)),
        "followed" => new(at, TimelineKind.Referrals, $"{a} joined the waitlist through their link", Href: Person(c)),
        _ => new(at, TimelineKind.Referrals, c is not null ? $"Reached {c} referrals: {Number(n)} more codes{(a is null ? "" : $" and tier {a}")}" : $"Was given {(n == 1 ? "one more code" : $"{Number(n)} more codes")}{(a is null ? "" : $" and tier {a}")}",
            Why: c is null && b is not ("issued" or null) ? b : null),
    };

    // The target is its kind, then the code if it is one.
    private static TimelineEvent OfStaff(DateTimeOffset at, string action, string? by, string? reason, string target)
    {
        var code = target.StartsWith("code:", StringComparison.Ordinal) && target.Length > 5 ? target[5..] : null;
        var what = code is not null ? $"code {code}" : target.StartsWith("outbox:", StringComparison.Ordinal) ? "a mail" : "this person";
        return new(at, TimelineKind.Staff, Upper(AuditWords.Phrase(action, what)), by, reason, Code(code));
    }

    /// <summary>What people call a template.</summary>
    private static string Mail(string template) => template switch
    {
        "confirm" => "confirm your email",
        "welcome" => "you are on the list",
        "again" => "your place, asked for again",
        "invitation" => "invitation",
        "reminder" => "reminder of the invitation",
        "lapsed" => "invitation ran out",
        "registered" => "welcome, with codes",
        "referral_milestone" => "milestone reached",
        _ => template,
    };

    private static string? Person(string? id) => id is null ? null : $"/admin/people/{id}";

    private static string? Code(string? code) => code is null ? null : $"/admin/codes/{code}";

    // What decided the rank at that moment; the points' own lines say where they came from.
    private static string? Standing(string? pointsAndPosition) => pointsAndPosition?.Split(' ') is [var points, var position]
        ? string.Create(CultureInfo.InvariantCulture, $"{int.Parse(points, CultureInfo.InvariantCulture):N0} points, number {long.Parse(position, CultureInfo.InvariantCulture):N0} to join") : null;

    private static string Cohort(int number) => $"/admin/cohorts/{Number(number)}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Upper(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
