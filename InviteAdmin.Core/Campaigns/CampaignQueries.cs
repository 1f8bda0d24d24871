using System.Runtime.CompilerServices;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Campaigns;

/// <summary>One code of a campaign, as the CSV lists it.</summary>
public sealed record CampaignCode(string Code, int MaxUses, int UsedCount, DateTimeOffset? ExpiresAt, string Status);

/// <summary>Reads of campaigns.</summary>
public sealed class CampaignQueries(NpgsqlDataSource source)
{
    /// <summary>The id behind a slug, or null.</summary>
    public async Task<long?> Find(string slug, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<long?>("SELECT id FROM campaigns WHERE slug = $1", cancel, slug);
    }

    /// <summary>Streams a campaign's codes in the order they were minted.</summary>
    public async IAsyncEnumerable<CampaignCode> Codes(long campaignId, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = source.CreateCommand("SELECT shown, max_uses, used_count, expires_at, status FROM invite_codes WHERE campaign_id = $1 ORDER BY id");
        command.Parameters.Add(new NpgsqlParameter { Value = campaignId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return new CampaignCode(reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2), reader.Time(3), reader.GetString(4));
        }
    }
}
