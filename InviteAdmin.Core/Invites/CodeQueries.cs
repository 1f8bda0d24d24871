using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>Reads of codes.</summary>
public sealed class CodeQueries(NpgsqlDataSource source)
{
    /// <summary>What a code is worth now; an unknown one is an answer too, not a failure.</summary>
    public async Task<Outcome<CodeFacts>> Find(Actor actor, string? code, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Redeem, or: Permission.Read) is { } refused)
        {
            return refused;
        }

        var canonical = CodeText.Canonical(code);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = canonical.Length == 0 ? [] : await connection.Query($"{CodeFacts.Select} WHERE c.code = $1", CodeFacts.Read, cancel, canonical);
        return found.Count > 0 ? found[0] : new CodeFacts(Echo(code), false, "unknown", "unknown", null, null, 0, null);
    }

    private static string Echo(string? code) => code is { Length: <= CodeText.MostCharacters } && People.PlainText.IsClean(code) ? code : "";
}
