using System.Data.Common;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>Commands with positional parameters ($1, $2, …), for the statements LINQ cannot say.</summary>
public static class Sql
{
    public static async Task<int> Execute(this NpgsqlConnection connection, string sql, CancellationToken cancel, params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    public static async Task<List<T>> Query<T>(this NpgsqlConnection connection, string sql, Func<DbDataReader, T> map, CancellationToken cancel, params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.All(map, cancel);
    }

    /// <summary>The first column of the first row, or default when there is none or it is null.</summary>
    public static async Task<T?> Scalar<T>(this NpgsqlConnection connection, string sql, CancellationToken cancel, params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteScalarAsync(cancel) is T value ? value : default;
    }

    public static async Task<List<T>> All<T>(this DbDataReader reader, Func<DbDataReader, T> map, CancellationToken cancel)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    public static NpgsqlBatchCommand BatchCommand(string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        AddTo(command.Parameters, values);
        return command;
    }

    public static string? Text(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static DateTimeOffset? Time(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        if (LongWork.Patience is { } patience)
        {
            command.CommandTimeout = (int)patience.TotalSeconds;
        }

        AddTo(command.Parameters, values);
        return command;
    }

    private static void AddTo(NpgsqlParameterCollection parameters, object?[] values)
    {
        foreach (var value in values)
        {
            // A value that may be null names its type itself, because a prepared statement must know it.
            parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }
}
