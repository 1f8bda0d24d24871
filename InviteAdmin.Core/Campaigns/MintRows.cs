using System.Text.RegularExpressions;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using Npgsql;
using NpgsqlTypes;

namespace InviteAdmin.Campaigns;

/// <summary>A campaign whose codes are being minted, as its row has it.</summary>
internal sealed record MintingCampaign(long Id, string PublicId, string Slug, string Name, string? Prefix, string? Word, string? Tier, int Codes, int MaxUsesEach, DateTimeOffset? ExpiresAt);

/// <summary>Writes a campaign's row and its codes; minting at once and minting as long work share it.</summary>
internal static partial class MintRows
{
    /// <summary>Adds the campaign with its audit row, or finds the one the same click added before. <c>IsNew</c> tells which.</summary>
    /// <param name="requestKey">Unique among campaigns; null mints anew every time.</param>
    public static async Task<(MintingCampaign Campaign, bool IsNew)> Campaign(NpgsqlConnection connection, Actor actor, MintRequest request, string? requestKey, TimeProvider time, CancellationToken cancel)
    {
        var name = request.Name!.Trim();
        var added = await connection.Query(
            $"""
            INSERT INTO campaigns (public_id, slug, name, prefix, word, tier, codes, max_uses_each, expires_at, created_by, request_key)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::integer * interval '1 day', $10, $11) ON CONFLICT (request_key) WHERE request_key IS NOT NULL DO NOTHING RETURNING {Columns}
            """,
            Read, cancel, Tokens.NewId("cp", time), $"{Slug(name)}-{Tokens.Random(4).ToLowerInvariant()}", name, Upper(request.Prefix), Upper(request.Word), Trimmed(request.Tier),
            request.Count, request.MaxUsesEach, request.ExpiresInDays, actor.Name, requestKey);
        if (added is [var campaign])
        {
            await connection.Audit(actor, "campaign.minted", "campaign", campaign.PublicId, cancel, after: new { campaign.Slug, request.Count, request.MaxUsesEach, campaign.Tier, request.ExpiresInDays });
            return (campaign, true);
        }

        return ((await connection.Query($"SELECT {Columns} FROM campaigns WHERE request_key = $1", Read, cancel, requestKey))[0], false);
    }

    /// <summary>Adds so many codes by COPY and gives them as they are shown.</summary>
    public static async Task<string[]> Copy(NpgsqlConnection connection, MintingCampaign campaign, int count, CancellationToken cancel)
    {
        LongWork.Begin(count);
        var shown = new string[count];
        await using var copy = await connection.BeginBinaryImportAsync("COPY invite_codes (code, shown, kind, campaign_id, tier, max_uses, expires_at) FROM STDIN (FORMAT binary)", cancel);
        if (LongWork.Patience is { } patience) copy.Timeout = patience;
        for (var i = 0; i < count; i++)
        {
            shown[i] = campaign.Word ?? Sample(campaign.Prefix);
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(CodeText.Canonical(shown[i]), NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(shown[i], NpgsqlDbType.Text, cancel);
            await copy.WriteAsync("campaign", NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(campaign.Id, NpgsqlDbType.Bigint, cancel);
            await WriteOrNull(copy, campaign.Tier, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(campaign.MaxUsesEach, NpgsqlDbType.Integer, cancel);
            await WriteOrNull(copy, campaign.ExpiresAt, NpgsqlDbType.TimestampTz, cancel);
        }

        await copy.CompleteAsync(cancel);
        return shown;
    }

    /// <summary>A new random code as people will see it.</summary>
    public static string Sample(string? prefix) => prefix is null ? CodeText.Show(CodeText.New()) : $"{prefix}-{CodeText.Show(CodeText.New())}";

    internal static string? Upper(string? text) => Trimmed(text)?.ToUpperInvariant();

    private const string Columns = "id, public_id, slug, name, prefix, word, tier, codes, max_uses_each, expires_at";

    private static MintingCampaign Read(System.Data.Common.DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.Text(4), row.Text(5), row.Text(6), row.GetInt32(7), row.GetInt32(8), row.Time(9));

    private static Task WriteOrNull<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancel) =>
        value is null ? copy.WriteNullAsync(cancel) : copy.WriteAsync(value, type, cancel);

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Slug(string name)
    {
        var slug = NotSlug().Replace(name.ToLowerInvariant(), "-").Trim('-');
        return slug.Length == 0 ? "campaign" : slug[..Math.Min(slug.Length, 40)].Trim('-');
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotSlug();
}
