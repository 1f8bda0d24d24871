using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using InviteAdmin.Access;
using InviteAdmin.Hosting;
using InviteAdmin.People;

namespace InviteAdmin.Api;

/// <summary>A person: a member, or an entry that has not become one. status is that of the entry, excluded, suppressed or review while it is held, and registered for every member. referrals counts those credited to a member, or the confirmed friends of an entry.</summary>
public sealed record PersonAnswer(
    string Id, PersonKind Kind, string Email, string Name, PersonStatus Status, string? Tier, DateTimeOffset? JoinedAt, DateTimeOffset? InvitedAt, DateTimeOffset? RegisteredAt, long Referrals);

/// <summary>What a person is by now.</summary>
public enum PersonKind
{
    Entry,
    Member,
}

/// <summary>How a person stands.</summary>
public enum PersonStatus
{
    Unconfirmed,
    Waiting,
    Invited,
    Registered,
    Declined,
    Excluded,
    Suppressed,
    Review,
}

/// <summary>Somebody who was erased. codesEnded, mailsCleared and notesDeleted count what went with them; they are 0 when it is asked for again.</summary>
public sealed record ErasedAnswer(string Id, DateTimeOffset ErasedAt, int CodesEnded, int MailsCleared, int NotesDeleted);

/// <summary>The routes of people: find, export, erase.</summary>
internal static class PeopleCalls
{
    private const string Tag = "People";
    private const int MostPerPage = 200;
    private const string Person = """{"id":"usr_01jd4x9c5d7f8g2h","kind":"member","email":"ann@example.com","name":"Ann Example","status":"registered","tier":"standard","joinedAt":"2026-11-20T09:30:00Z","invitedAt":"2026-11-21T09:30:00Z","registeredAt":"2026-11-22T09:30:00Z","referrals":3}""";
    private const string Held =
        """
        {"entry":{"id":"wl_01jd4x7k2m9q3w5r","email":"ann@example.com","name":"Ann Example","status":"waiting","position":1042,"points":5,"source":null,"referredBy":null,"referralToken":"01jd4xh2v7","hold":null,"holdReason":null,"lapses":0,"joinedAt":"2026-11-20T09:30:00Z","confirmedAt":"2026-11-20T09:31:00Z","invitedAt":null,"registeredAt":null,"declinedAt":null,"declineReason":null},"member":null,"points":[{"at":"2026-11-21T10:00:00Z","kind":"brought","points":5,"note":null}],"invitations":[],"codes":[],"referrals":[],"rewards":[],"mails":[{"template":"welcome","state":"sent","recipient":"ann@example.com","queuedAt":"2026-11-20T09:31:00Z","sentAt":"2026-11-20T09:31:02Z","subject":null,"text":null}],"notes":[],"actions":[],"activeDays":[],"suppression":null}
        """;

    public static void MapPeople(this IEndpointRouteBuilder api)
    {
        api.MapGet("/people", Find).Describe("findPeople", Tag, "Find people", Scope.Manage,
                "query is an email (without its tag and dots it is found too), a code, an id, or the beginning of a name. limit is 1 to 200 (50 without it); cursor is the nextCursor of the page before.",
                ["validation"], answer: $$"""{"data":[{{Person}}],"nextCursor":null}""")
            .Produces<Page<PersonAnswer>>();

        api.MapGet("/people/{id}/export", Export).Describe("exportPerson", Tag, "Everything held about a person", Scope.Manage,
                "By the id of their entry or their membership. Tokens that act in their name are left out. It stands in the audit that this was asked for.", ["not-found"], answer: Held)
            .Produces<PersonExport>().WithRequestTimeout(RequestTime.Wide);

        api.MapDelete("/people/{id}", Erase).Describe("erasePerson", Tag, "Erase a person", Scope.Manage,
                "For good: address, name, mails and notes go, codes they could still give away end, and whoever waits leaves the list. Counts, places and who brought whom stay, without them; a member keeps their seat. The address stays suppressed as a keyed hash. Again changes nothing.",
                ["not-found"], answer: """{"id":"usr_01jd4x9c5d7f8g2h","erasedAt":"2026-11-22T09:30:00Z","codesEnded":2,"mailsCleared":3,"notesDeleted":0}""")
            .Produces<ErasedAnswer>().WithRequestTimeout(RequestTime.Wide);
    }

    private static async Task<IResult> Find(PersonLookUp people, CancellationToken cancel, string? query = null, int limit = 50, string? cursor = null)
    {
        if (Sought.Parse(query) is not { } sought)
        {
            return Problem.OfField("query", $"Query is needed: an email, a code, an id or the beginning of a name, at most {Sought.MostCharacters} characters.");
        }

        if (limit is < 1 or > MostPerPage)
        {
            return Problem.OfField("limit", $"Limit must be between 1 and {MostPerPage}.");
        }

        // The list is that of the query, which itself may be an address.
        var list = $"people:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query!.Trim())).AsSpan(0, 8))}";
        PersonPlace? after = null;
        if (cursor is not null && !(Cursor.TryRead(cursor, list, out var place) && (after = Place(place)) is not null))
        {
            return Cursor.Refusal();
        }

        var (rows, next) = await people.Find(sought, after, limit, cancel);
        return TypedResults.Ok(new Page<PersonAnswer>(
            [.. rows.Select(Answer)], next is null ? null : Cursor.Of(list, string.Create(CultureInfo.InvariantCulture, $"{(next.Member ? 'm' : 'e')}{next.Key}"))));
    }

    private static PersonPlace? Place(string text) =>
        text[0] is 'm' or 'e' && long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var key) ? new(text[0] == 'm', key) : null;

    private static async Task<IResult> Export(string id, Caller caller, ExportPerson export, CancellationToken cancel) => (await export.One(caller.Actor, id, cancel)).Answer(TypedResults.Ok);

    private static async Task<IResult> Erase(string id, Caller caller, ErasePerson erase, CancellationToken cancel) =>
        (await erase.One(caller.Actor, id, null, cancel)).Answer(e => TypedResults.Ok(new ErasedAnswer(e.Id, e.ErasedAt, e.CodesEnded, e.MailsCleared, e.NotesDeleted)));

    private static PersonAnswer Answer(PeopleRow row) => new(
        row.Id, row.IsMember ? PersonKind.Member : PersonKind.Entry, row.Email, row.Name, Enum.Parse<PersonStatus>(row.State, true), row.Tier, row.JoinedAt, row.InvitedAt, row.RegisteredAt, row.Brought);
}
