using System.Data;
using System.Runtime.CompilerServices;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>
/// Opens the one transaction a use case runs in, and commits it only when the use case succeeded. A request that carries an
/// idempotency key opens an outer one first, so that the effect and the stored answer share a commit.
/// Deadlocks and serialization failures are retried three times; scoped, one per request or job.
/// </summary>
public sealed class Transactions(NpgsqlDataSource source) : IAsyncDisposable
{
    private const int MostTries = 4;
    private const string Savepoint = "use_case";
    private NpgsqlConnection? _outer;
    private NpgsqlTransaction? _outerTransaction;
    private string? _innerFlow;

    /// <summary>Runs the work in a transaction: commits on success, rolls back on failure or exception.</summary>
    public async Task<Outcome<T>> Run<T>(Func<NpgsqlConnection, Task<Outcome<T>>> work, CancellationToken cancel, [CallerFilePath] string flow = "")
    {
        try
        {
            var outcome = await Tried(work, flow, cancel);
            Telemetry.Ended(flow, outcome.Failure);
            return outcome;
        }
        catch (Exception fault)
        {
            Telemetry.Ended(flow, fault);
            throw;
        }
    }

    /// <summary>A use case without a failure of its own.</summary>
    public async Task<T> Run<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancel, [CallerFilePath] string flow = "") =>
        (await Run<T>(async connection => (Outcome<T>)await work(connection), cancel, flow)).Must();

    private async Task<Outcome<T>> Tried<T>(Func<NpgsqlConnection, Task<Outcome<T>>> work, string flow, CancellationToken cancel)
    {
        if (_outer is not null)
        {
            _innerFlow = flow;
            return await Nested(_outer, _outerTransaction!, work, cancel);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancel);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
                var outcome = await work(connection);
                if (outcome.Succeeded)
                {
                    await FaultPoints.Pass(FaultPoints.BeforeCommit, flow);
                    await transaction.CommitAsync(CancellationToken.None);
                    await FaultPoints.Pass(FaultPoints.AfterCommit, flow);
                }

                return outcome;
            }
            catch (PostgresException e) when (attempt < MostTries && MayPass(e))
            {
                await Task.Delay(Random.Shared.Next(5, 30) * attempt, cancel);
            }
        }
    }

    /// <summary>Reads in one snapshot. Within an outer transaction it sees what that has written.</summary>
    internal async Task<T> Read<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancel)
    {
        if (_outer is not null)
        {
            return await work(_outer);
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        return await work(connection);
    }

    /// <summary>Opens the outer transaction that the use cases of this scope will join. The caller commits it.</summary>
    public async Task<NpgsqlConnection> BeginOuter(CancellationToken cancel)
    {
        _outer = await source.OpenConnectionAsync(cancel);
        _outerTransaction = await _outer.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
        return _outer;
    }

    public async Task CommitOuter([CallerFilePath] string flow = "")
    {
        await FaultPoints.Pass(FaultPoints.BeforeCommit, _innerFlow ?? flow);
        await _outerTransaction!.CommitAsync(CancellationToken.None);
        await FaultPoints.Pass(FaultPoints.AfterCommit, _innerFlow ?? flow);
    }

    public async ValueTask DisposeAsync()
    {
        if (_outerTransaction is not null)
        {
            await _outerTransaction.DisposeAsync();
            _outerTransaction = null;
        }

        if (_outer is not null)
        {
            await _outer.DisposeAsync();
            _outer = null;
        }
    }

    /// <summary>Whether running the transaction again may end differently.</summary>
    internal static bool MayPass(PostgresException e) => e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    // Back to the savepoint also on an exception: the use case may answer it (a name is taken), and the outer transaction must live to store that answer.
    private static async Task<Outcome<T>> Nested<T>(NpgsqlConnection connection, NpgsqlTransaction transaction, Func<NpgsqlConnection, Task<Outcome<T>>> work, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            await transaction.SaveAsync(Savepoint, cancel);
            try
            {
                var outcome = await work(connection);
                if (!outcome.Succeeded)
                {
                    await transaction.RollbackAsync(Savepoint, CancellationToken.None);
                }

                return outcome;
            }
            catch (PostgresException e)
            {
                await transaction.RollbackAsync(Savepoint, CancellationToken.None);
                if (attempt >= MostTries || !MayPass(e))
                {
                    throw;
                }

                await Task.Delay(Random.Shared.Next(5, 30) * attempt, cancel);
            }
        }
    }
}
