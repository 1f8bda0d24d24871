namespace InviteAdmin.Referrals;

/// <summary>What the credits of the ledger are worth by given rules, against what they were counted as.</summary>
internal static class CreditSql
{
    /// <summary>
    /// Entries whose points would be others, as <c>(entry_id, change)</c>. Credits are the rows of kinds arrived, brought and source that nothing reverses, each worth what the
    /// rules say; counted are all rows of those kinds and of kind rules, with the rows that reverse one of them. Staff's points are neither. A retired source's credits are worth
    /// what it gave last.
    /// </summary>
    /// <param name="arrived">An expression.</param>
    /// <param name="brought">An expression.</param>
    /// <param name="sources">Sources that are worth something else than they say: two arrays, of ids and points.</param>
    /// <param name="which">A condition on the ledger's rows l.</param>
    public static string Changes(string arrived, string brought, string? sources, string which)
    {
        var change = $"sum(CASE WHEN v.reverses_id IS NOT NULL THEN 0 WHEN l.kind = 'brought' THEN {brought} WHEN l.kind = 'arrived' THEN {arrived} WHEN l.kind = 'source' THEN coalesce(s.points, l.points) ELSE 0 END - l.points - coalesce(v.points, 0))";
        return $"""
            SELECT l.entry_id, {change} AS change
            FROM points_ledger l
            LEFT JOIN (SELECT reverses_id, points FROM points_ledger WHERE reverses_id IS NOT NULL) v ON v.reverses_id = l.id
            LEFT JOIN ({Sources(sources)}) s ON l.kind = 'source' AND s.cause = l.cause
            WHERE l.kind IN ('arrived', 'brought', 'source', 'rules') AND {which}
            GROUP BY l.entry_id HAVING {change} <> 0
            """;
    }

    /// <summary>The sources as the ledger names them: <c>(cause, points)</c>.</summary>
    public static string Sources(string? other) => other is null
        ? "SELECT 'source:' || id AS cause, points FROM sources"
        : $"SELECT 'source:' || x.id AS cause, coalesce(o.points, x.points) AS points FROM sources x LEFT JOIN unnest({other}) o(id, points) ON o.id = x.id";
}
