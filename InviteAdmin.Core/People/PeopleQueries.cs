using System.Data.Common;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>Reads of the list of people: pages, its whole as a stream, and the one search of the product.</summary>
public sealed class PeopleQueries(NpgsqlDataSource source, RecentCounts counts)
{
    public const int PageSize = 50;

    /// <summary>So many of a search are looked at.</summary>
    public const int MostFound = 1_000;

    private const int LastPage = PeopleRows.MostCounted / PageSize;

    /// <summary>Page 1 is the first. A filter that can have no order by referrals falls back to the newest.</summary>
    public async Task<PeopleRows> Page(PeopleFilter filter, PeopleSort sort, int page, CancellationToken cancel)
    {
        var offset = (Math.Clamp(page, 1, LastPage) - 1) * PageSize;
        if (filter.Search is not null)
        {
            return await Search(filter, offset, PageSize, cancel);
        }

        var total = await counts.Of(filter, () => Count(filter, cancel));
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(PeopleSql.List(filter, Allowed(filter, sort), offset, PageSize), Read, cancel, Values(filter));
        return new(rows, Math.Min(total, PeopleRows.MostCounted), total > PeopleRows.MostCounted, Exact: false, Code: null);
    }

    /// <summary>Every row of a filter in the order of the table, read as it is sent. A search ends at <see cref="MostFound"/>.</summary>
    public async IAsyncEnumerable<PeopleRow> All(PeopleFilter filter, PeopleSort sort, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (filter.Search is not null)
        {
            foreach (var row in (await Search(filter, 0, null, cancel)).Rows)
            {
                yield return row;
            }

            yield break;
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(PeopleSql.List(filter, Allowed(filter, sort), 0, null), connection) { CommandTimeout = 0 };
        foreach (var value in Values(filter))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return Read(reader);
        }
    }

    /// <summary>The tiers to filter by: the two that everybody has, and those that campaigns give.</summary>
    public async Task<IReadOnlyList<string>> Tiers(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return ["standard", "vip", .. await connection.Query("SELECT DISTINCT tier FROM campaigns WHERE tier NOT IN ('standard', 'vip') ORDER BY tier", row => row.GetString(0), cancel)];
    }

    private async Task<PeopleRows> Search(PeopleFilter filter, int offset, int? limit, CancellationToken cancel)
    {
        if (Sought.Parse(filter.Search) is not { } sought)
        {
            return new([], 0, false, false, null);
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        if (sought.Emails.Count > 0)
        {
            return await Find(connection, "e.canonical_email = ANY($1)", "m.canonical_email = ANY($1)", sought.Emails.ToArray(), true);
        }

        if (sought.Id is not null)
        {
            return await Find(connection, "e.public_id = $1", "m.public_id = $1", sought.Id, true);
        }

        if (sought.Code is not null && (await connection.Query("SELECT id, shown FROM invite_codes WHERE code = $1", row => (Id: row.GetInt64(0), Shown: row.GetString(1)), cancel, sought.Code)) is [var code])
        {
            // Whom it was made for, and who used it.
            var holders = await Find(connection, "e.id = (SELECT entry_id FROM invite_codes WHERE id = $1)",
                "m.id = ANY(ARRAY((SELECT owner_member_id FROM invite_codes WHERE id = $1) UNION ALL (SELECT member_id FROM redemptions WHERE code_id = $1 ORDER BY id DESC LIMIT 1001)))", code.Id, true);
            return holders with { Code = code.Shown };
        }

        var found = filter.Inside ? null : await Find(connection, "lower(e.name) LIKE lower($1)", "lower(m.name) LIKE lower($1)", $"{LikeText.Escape(sought.Text)}%", false);
        // The index knows how names begin; whatever else was meant takes one pass over the tables.
        return found is { Rows.Count: > 0 }
            ? found
            : await Find(connection, "e.email LIKE $1 OR lower(e.name) LIKE $1", "m.email LIKE $1 OR lower(m.name) LIKE $1", $"%{LikeText.Escape(sought.Text)}%", false);

        async Task<PeopleRows> Find(NpgsqlConnection on, string entryFits, string memberFits, object value, bool exact)
        {
            var total = 0L;
            var rows = await on.Query(PeopleSql.Search(entryFits, memberFits, filter, MostFound + 1, offset, limit), row =>
            {
                total = row.GetInt64(10);
                return Read(row);
            }, cancel, filter.Tier is null ? [value] : [value, filter.Tier]);
            return new(rows, Math.Min(total, MostFound), total > MostFound, exact && total == 1, null);
        }
    }

    private async Task<long> Count(PeopleFilter filter, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<long>(PeopleSql.Count(filter), cancel, Values(filter));
    }

    private static PeopleSort Allowed(PeopleFilter filter, PeopleSort sort) =>
        sort == PeopleSort.Brought && filter.Show != PeopleShow.Registered && filter.Tier is null ? PeopleSort.Newest : sort;

    private static object[] Values(PeopleFilter filter) => filter.Tier is null ? [] : [filter.Tier];

    internal static PeopleRow Read(DbDataReader row) => new(
        row.GetString(0), row.GetBoolean(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Text(5), row.Time(6), row.Time(7), row.Time(8), Convert.ToInt64(row.GetValue(9), System.Globalization.CultureInfo.InvariantCulture));
}
