using System.Data;
using System.Diagnostics;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>The statements that write many items at once, in the caller's transaction.</summary>
public interface ISharedWrite<TItem, TValue>
{
    /// <summary>What two items must not both hold while they are written: a code, a referrer. Items of one key never run side by side.</summary>
    public string KeyOf(TItem item);

    /// <summary>Answer n belongs to item n.</summary>
    public Task<IReadOnlyList<Outcome<TValue>>> Write(NpgsqlConnection connection, IReadOnlyList<TItem> items, CancellationToken cancel);
}

/// <summary>So much waits already that an answer would come too late.</summary>
public sealed record TooMuchAtOnce() : Failure("unavailable", "Very many people are here at this moment. Nothing was changed; try again in a few seconds.");

/// <summary>
/// Writes items that arrive together with one statement and one commit, and answers each only after it. It is speed only:
/// what may happen is decided by the statement, with any number of processes. A batch that fails is written again one by one,
/// so that a bad item hurts only itself.
/// </summary>
public sealed class SharedCommit<TItem, TValue>(WriteSource source, ISharedWrite<TItem, TValue> write)
{
    private const int MostInBatch = 256;
    private const int MostBatches = 2;
    private const int MostBesideLate = 4;
    private const int MostTries = 4;

    // Past this, waiting takes longer than a person does: the answer would go to nobody.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private readonly FairQueue<Waiting> _queue = new();
    private int _running;
    private int _writing;

    /// <summary>How many items may wait; the next one is refused with <see cref="TooMuchAtOnce"/>.</summary>
    public int Capacity { get; init; } = 4_096;

    /// <summary>A batch that takes longer waits for something, a lock or the disk: as often as this passes, whoever waits goes ahead beside it.</summary>
    public TimeSpan Late { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// Writes one item. With a key the answer is stored in the same commit. A caller that cancels is not waited for: an item that
    /// is not being written yet is dropped, another is written to its end. Throws what its write threw, and TimeoutException after 8 s.
    /// </summary>
    public async Task<Outcome<TValue>> Add(TItem item, OnceKey? once, CancellationToken cancel)
    {
        var waiting = new Waiting(item, once, cancel);
        lock (_queue)
        {
            if (_queue.Count >= Capacity)
            {
                return new TooMuchAtOnce();
            }

            _queue.Add(write.KeyOf(item), waiting);
            Begin(late: false);
        }

        try
        {
            return await waiting.Answer.Task.WaitAsync(Patience, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            waiting.Given = true;
            throw;
        }
    }

    // A batch is begun beside another when as many wait as are being written: sooner, batches would stay small and each
    // would pay for a commit of its own. Beside one that is late, because it waits for a lock, whoever waits goes ahead.
    private void Begin(bool late)
    {
        if (_queue.Ready > 0 && (late ? _running < MostBesideLate : _running < MostBatches && _queue.Ready >= _writing))
        {
            var taken = _queue.Take(MostInBatch);
            _running++;
            _writing += taken.Count;
            _ = Task.Run(() => Run(taken), CancellationToken.None);
        }
    }

    private async Task Run(List<(string Key, Waiting Item)> taken)
    {
        var settled = Settle([.. taken.Select(t => t.Item).Where(w => !w.Given)]);
        while (await Task.WhenAny(settled, Task.Delay(Late)) != settled)
        {
            lock (_queue)
            {
                Begin(late: true);
            }
        }

        await settled;
        lock (_queue)
        {
            _queue.Release(taken.Select(t => t.Key));
            _running--;
            _writing -= taken.Count;
            Begin(late: false);
        }
    }

    private async Task Settle(List<Waiting> batch)
    {
        try
        {
            if (batch.Count > 0)
            {
                await Commit(batch);
            }
        }
        // A connection that was lost would be lost for each of them; whatever else happened may be one item's doing.
        catch (Exception fault) when (batch.Count > 1 && !Absence.MayPass(fault))
        {
            foreach (var one in batch)
            {
                await Settle([one]);
            }
        }
        catch (Exception fault)
        {
            Telemetry.Failed(write.GetType().Name, fault);
            batch.ForEach(w => w.Answer.TrySetException(fault));
        }
    }

    private async Task Commit(List<Waiting> batch)
    {
        var began = Stopwatch.GetTimestamp();
        using var span = Telemetry.Begin(write);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await source.Connections.OpenConnectionAsync();
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);
                var answers = await Write(connection, batch);
                await FaultPoints.Pass(FaultPoints.BeforeCommit, write.GetType().Name);
                await transaction.CommitAsync();
                await FaultPoints.Pass(FaultPoints.AfterCommit, write.GetType().Name);
                Telemetry.Committed(write.GetType().Name, batch.Count, Stopwatch.GetElapsedTime(began));
                for (var i = 0; i < batch.Count; i++)
                {
                    batch[i].Answer.TrySetResult(answers[i]);
                }

                return;
            }
            catch (PostgresException e) when (attempt < MostTries && Transactions.MayPass(e))
            {
                await Task.Delay(Random.Shared.Next(5, 30) * attempt);
            }
        }
    }

    private async Task<Outcome<TValue>[]> Write(NpgsqlConnection connection, List<Waiting> batch)
    {
        var answers = new Outcome<TValue>[batch.Count];
        var keyed = Enumerable.Range(0, batch.Count).Where(i => batch[i].Once is not null).ToArray();
        var refusals = keyed.Length == 0 ? [] : await IdempotencyKeys.Begin(connection, [.. keyed.Select(i => batch[i].Once!)], CancellationToken.None);
        for (var k = 0; k < refusals.Count; k++)
        {
            if (refusals[k] is { } refusal)
            {
                answers[keyed[k]] = refusal;
            }
        }

        var open = Enumerable.Range(0, batch.Count).Where(i => answers[i] is null).ToArray();
        if (open.Length > 0)
        {
            var written = await write.Write(connection, [.. open.Select(i => batch[i].Item)], CancellationToken.None);
            for (var n = 0; n < open.Length; n++)
            {
                answers[open[n]] = written[n];
            }

            // Shown before the commit, because what is shown is stored with it.
            var stored = await Task.WhenAll(open.Where(i => batch[i].Once is not null).Select(i => batch[i].Once!.Show(answers[i])));
            await IdempotencyKeys.Store(connection, stored, CancellationToken.None);
        }

        return answers;
    }

    private sealed class Waiting(TItem item, OnceKey? once, CancellationToken cancel)
    {
        private volatile bool _given;

        public TItem Item => item;

        public OnceKey? Once => once;

        public TaskCompletionSource<Outcome<TValue>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Nobody waits for it any more.</summary>
        public bool Given { get => _given || cancel.IsCancellationRequested; set => _given = value; }
    }
}
