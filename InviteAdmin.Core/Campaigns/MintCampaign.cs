using System.Text.RegularExpressions;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using Npgsql;
using NpgsqlTypes;

namespace InviteAdmin.Campaigns;

/// <summary>Codes to mint: <c>Count</c> random ones, each after <c>Prefix</c> if given, or one spelled-out <c>Word</c>.</summary>
public sealed record MintRequest(string? Name, int Count, int MaxUsesEach, string? Tier = null, int? ExpiresInDays = null, string? Prefix = null, string? Word = null);

/// <summary>A campaign just minted; its codes as they are shown.</summary>
public sealed record MintedCampaign(string CampaignId, string Slug, int Minted, IReadOnlyList<string> Codes);

/// <summary>The word reads like a code that exists.</summary>
public sealed record WordTaken(string Word) : Failure("word-taken", $"A code that reads like {Word} exists already. Choose another word.");

/// <summary>Mints a campaign's codes in one transaction, by COPY.</summary>
public sealed partial class MintCampaign(Transactions transactions, TimeProvider time)
{
    public const int MostCodes = 100_000;
    public const int MostUses = 1_000_000;

    public async Task<Outcome<MintedCampaign>> One(Actor actor, MintRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        if (Check(request) is { } invalid)
        {
            return invalid;
        }

        var word = request.Word?.Trim().ToUpperInvariant();
        try
        {
            return await transactions.Run<MintedCampaign>(async connection => await Mint(connection, actor, request, word, cancel), cancel);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "ux_invite_codes_code" } && word is not null)
        {
            return new WordTaken(word);
        }
    }

    private async Task<MintedCampaign> Mint(NpgsqlConnection connection, Actor actor, MintRequest request, string? word, CancellationToken cancel)
    {
        var publicId = Tokens.NewId("cp", time);
        var prefix = string.IsNullOrWhiteSpace(request.Prefix) ? null : request.Prefix.Trim().ToUpperInvariant();
        var tier = string.IsNullOrWhiteSpace(request.Tier) ? null : request.Tier.Trim();
        var name = request.Name!.Trim();
        var slug = $"{Slug(name)}-{Tokens.Random(4).ToLowerInvariant()}";
        var (id, expires) = (await connection.Query(
            """
            INSERT INTO campaigns (public_id, slug, name, prefix, word, tier, codes, max_uses_each, expires_at, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::integer * interval '1 day', $10) RETURNING id, expires_at
            """,
            row => (row.GetInt64(0), row.Time(1)), cancel, publicId, slug, name, prefix, word, tier, request.Count, request.MaxUsesEach, request.ExpiresInDays, actor.Name))[0];
        var shown = await Copy(connection, request, id, expires, prefix, word, tier, cancel);
        await connection.Audit(actor, "campaign.minted", "campaign", publicId, cancel, after: new { slug, request.Count, request.MaxUsesEach, tier, request.ExpiresInDays });
        return new MintedCampaign(publicId, slug, shown.Length, shown);
    }

    private static async Task<string[]> Copy(
        NpgsqlConnection connection, MintRequest request, long id, DateTimeOffset? expires, string? prefix, string? word, string? tier, CancellationToken cancel)
    {
        var shown = new string[request.Count];
        await using var copy = await connection.BeginBinaryImportAsync("COPY invite_codes (code, shown, kind, campaign_id, tier, max_uses, expires_at) FROM STDIN (FORMAT binary)", cancel);
        copy.Timeout = LongWork.Most;
        for (var i = 0; i < request.Count; i++)
        {
            var symbols = word ?? CodeText.New();
            shown[i] = word ?? (prefix is null ? CodeText.Show(symbols) : $"{prefix}-{CodeText.Show(symbols)}");
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(CodeText.Canonical(shown[i]), NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(shown[i], NpgsqlDbType.Text, cancel);
            await copy.WriteAsync("campaign", NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(id, NpgsqlDbType.Bigint, cancel);
            await WriteOrNull(copy, tier, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(request.MaxUsesEach, NpgsqlDbType.Integer, cancel);
            await WriteOrNull(copy, expires, NpgsqlDbType.TimestampTz, cancel);
        }

        await copy.CompleteAsync(cancel);
        return shown;
    }

    private static Task WriteOrNull<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancel) =>
        value is null ? copy.WriteNullAsync(cancel) : copy.WriteAsync(value, type, cancel);

    private static Invalid? Check(MintRequest request)
    {
        var checks = new FieldChecks();
        checks.Text("name", request.Name, 100, required: true);
        checks.Within("count", request.Count, 1, MostCodes);
        checks.Within("maxUsesEach", request.MaxUsesEach, 1, MostUses);
        checks.Text("tier", request.Tier, 40);
        if (request.ExpiresInDays is { } days)
        {
            checks.Within("expiresInDays", days, 1, 3650);
        }

        if (!string.IsNullOrWhiteSpace(request.Prefix) && !PrefixRule().IsMatch(request.Prefix.Trim()))
        {
            checks.Refuse("prefix", "Prefix takes 2 to 12 letters and digits.");
        }

        if (!string.IsNullOrWhiteSpace(request.Word))
        {
            if (!WordRule().IsMatch(request.Word.Trim()))
            {
                checks.Refuse("word", "Word takes 4 to 24 letters and digits.");
            }
            else if (request.Count != 1)
            {
                checks.Refuse("count", "A spelled-out word is one code: count must be 1.");
            }
            else if (!string.IsNullOrWhiteSpace(request.Prefix))
            {
                checks.Refuse("prefix", "Give a prefix or a word, not both.");
            }
        }

        return checks.Failure;
    }

    private static string Slug(string name)
    {
        var slug = NotSlug().Replace(name.ToLowerInvariant(), "-").Trim('-');
        return slug.Length == 0 ? "campaign" : slug[..Math.Min(slug.Length, 40)].Trim('-');
    }

    [GeneratedRegex("^[A-Za-z0-9]{2,12}$")]
    private static partial Regex PrefixRule();

    [GeneratedRegex("^[A-Za-z0-9]{4,24}$")]
    private static partial Regex WordRule();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotSlug();
}
