using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>
/// Counts refused redemptions: one row for each code, reason and hour, never whose they were, and for codes nobody knows no text either. A refusal is counted in memory
/// after its answer, and once a second one statement adds what came together: a redemption that succeeds pays nothing, and hammering writes a row a second at most for each code.
/// A process that is killed loses the counts of its last second; no rule rests on them.
/// </summary>
public sealed class CodeAttempts(NpgsqlDataSource source, TimeProvider time, ILogger<CodeAttempts> log) : BackgroundService
{
    /// <summary>Different codes counted between two writes; past it, only those that are counted already.</summary>
    internal const int MostCodes = 10_000;

    /// <summary>How long counts are kept.</summary>
    public const int KeptDays = 90;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private Dictionary<(string Code, string Reason), long> _counts = [];

    /// <summary>Notes a refusal that says something of a code; any other failure is none.</summary>
    /// <param name="code">Canonical.</param>
    public void Note(string code, Failure failure)
    {
        if (Reason(failure) is not { } reason)
        {
            return;
        }

        var key = (reason == "unknown" ? "" : code, reason);
        lock (_gate)
        {
            Add(key, 1);
        }
    }

    /// <summary>Writes what was counted since the last time; what cannot be written is kept for the next. Returns how many attempts were written.</summary>
    public async Task<long> Write(CancellationToken cancel)
    {
        Dictionary<(string Code, string Reason), long> counts;
        lock (_gate)
        {
            (counts, _counts) = (_counts, []);
        }

        if (counts.Count == 0)
        {
            return 0;
        }

        // In key order, so that two processes that write at once cannot deadlock.
        var rows = counts.OrderBy(c => c.Key.Code, StringComparer.Ordinal).ThenBy(c => c.Key.Reason, StringComparer.Ordinal).ToArray();
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            await connection.Execute(AddSql, cancel, rows.Select(r => r.Key.Code).ToArray(), rows.Select(r => r.Key.Reason).ToArray(), rows.Select(r => r.Value).ToArray());
            return rows.Sum(r => r.Value);
        }
        catch
        {
            lock (_gate)
            {
                Array.ForEach(rows, r => Add(r.Key, r.Value));
            }

            throw;
        }
    }

    /// <summary>Forgets what is older than <see cref="KeptDays"/>; returns how many rows went.</summary>
    public async Task<int> Sweep(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Execute("DELETE FROM code_attempts WHERE hour < now() - $1 * interval '1 day'", cancel, KeptDays);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await Try(stoppingToken);
        }
        while (await Next(timer, stoppingToken));
        await Try(CancellationToken.None);
    }

    private static async Task<bool> Next(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task Try(CancellationToken cancel)
    {
        try
        {
            await Write(cancel);
        }
        catch (Exception fault)
        {
            log.LogDebug(fault, "Refused attempts are written when the database answers again.");
        }
    }

    private void Add((string Code, string Reason) key, long n)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, key);
        if (!Unsafe.IsNullRef(ref count))
        {
            count += n;
        }
        else if (_counts.Count < MostCodes)
        {
            _counts.Add(key, n);
        }
    }

    /// <summary>Why an attempt was refused, as the end of a sentence.</summary>
    public static string Why(string reason) => reason switch
    {
        "expired" => "the code had run out",
        "revoked" => "the code was revoked",
        "exhausted" => "the code was used up",
        _ => "the email had an account already",
    };

    private static string? Reason(Failure failure) => failure switch
    {
        CodeUnknown => "unknown",
        CodeRevoked => "revoked",
        CodeExpired => "expired",
        CodeExhausted => "exhausted",
        EmailRegistered => "email-registered",
        _ => null,
    };

    // Rows of codes in the order of their ids; a code that has gone meanwhile is left out.
    private const string AddSql =
        """
        INSERT INTO code_attempts AS a (code_id, hour, reason, attempts, last_at)
        SELECT k.id, date_trunc('hour', now()), t.reason, t.n, now()
        FROM unnest($1::text[], $2::text[], $3::bigint[]) AS t(code, reason, n) LEFT JOIN invite_codes k ON k.code = t.code
        WHERE k.id IS NOT NULL OR t.reason = 'unknown' ORDER BY k.id, t.reason
        ON CONFLICT (code_id, hour, reason) DO UPDATE SET attempts = a.attempts + excluded.attempts, last_at = excluded.last_at
        """;
}
