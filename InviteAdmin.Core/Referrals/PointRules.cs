using System.Text.Json;
using InviteAdmin.Data;
using InviteAdmin.Waitlist;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace InviteAdmin.Referrals;

/// <summary>What a credit is worth: to who came through somebody's link, and to whose link it was.</summary>
public sealed record PointValues(int ArrivedPoints, int BroughtPoints);

/// <summary>
/// The points in force. What the configuration sets wins and cannot be changed by hand; otherwise what staff saved counts, otherwise the default. Who shows or foresees asks
/// here and gets an answer that is kept for two seconds. A statement that credits reads the same row itself, by <see cref="InForce"/>: so no credit that begins after a change
/// is made by the rules before it, in whichever process.
/// </summary>
public sealed class PointRules(IConfiguration configuration, IOptions<WaitlistOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);
    private Known? _known;

    /// <summary>For a statement, what the configuration sets; null where the row decides. In the order of <see cref="InForce"/>.</summary>
    internal NpgsqlParameter[] Parameters => [Locked(nameof(PointValues.ArrivedPoints), options.Value.ArrivedPoints), Locked(nameof(PointValues.BroughtPoints), options.Value.BroughtPoints)];

    /// <summary>The name of the setting that decides a value, as an environment variable is called; null when nothing does.</summary>
    public string? SetBy(string name) => configuration[$"Waitlist:{name}"] is null ? null : $"Waitlist__{name}";

    /// <summary>On the caller's connection, so that a use case needs no second one.</summary>
    public async ValueTask<PointValues> Now(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (Volatile.Read(ref _known) is { } known && time.GetElapsedTime(known.At) < Kept)
        {
            return known.Value;
        }

        var at = time.GetTimestamp();
        var value = Of(await connection.Scalar<string>("SELECT saved::text FROM settings WHERE section = 'points'", cancel));
        Volatile.Write(ref _known, new(value, at));
        return value;
    }

    /// <summary>
    /// A part of a WITH list that says what a credit is worth, as <c>rules (arrived, brought)</c>. It reads one row of a table of a few, in the snapshot of the statement that
    /// credits: no round trip, and nothing that could be out of date.
    /// </summary>
    /// <param name="arrived">The parameters of <see cref="Parameters"/>, as $n.</param>
    /// <param name="brought">See <paramref name="arrived"/>.</param>
    internal static string InForce(string arrived, string brought) =>
        $"""
        rules AS MATERIALIZED (
          SELECT coalesce({arrived}::integer, (saved->>'ArrivedPoints')::integer, {WaitlistOptions.DefaultArrived}) AS arrived, coalesce({brought}::integer, (saved->>'BroughtPoints')::integer, {WaitlistOptions.DefaultBrought}) AS brought
          FROM settings WHERE section = 'points'
        )
        """;

    /// <summary>After a change in this process: the next who asks reads it.</summary>
    internal void Forget() => Volatile.Write(ref _known, null);

    /// <param name="saved">JSON with the values that staff saved, by the names of <see cref="PointValues"/>.</param>
    internal PointValues Of(string? saved)
    {
        var values = saved is null ? [] : JsonSerializer.Deserialize<Dictionary<string, int>>(saved) ?? [];
        return new(Value(nameof(PointValues.ArrivedPoints), options.Value.ArrivedPoints), Value(nameof(PointValues.BroughtPoints), options.Value.BroughtPoints));

        int Value(string name, int configured) => SetBy(name) is null && values.TryGetValue(name, out var points) ? points : configured;
    }

    private NpgsqlParameter<int?> Locked(string name, int configured) => new() { TypedValue = SetBy(name) is null ? null : configured, NpgsqlDbType = NpgsqlDbType.Integer };

    private sealed record Known(PointValues Value, long At);
}
