using System.Collections.Concurrent;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using Npgsql;

namespace InviteAdmin.Tests.Data;

/// <summary>Items that arrive together share a commit, and nobody's item, key or leaving can hurt another's.</summary>
public sealed class SharedCommitTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Redeem_WorstBatchOf256_EachGetsItsOwnAnswerInOneCommit()
    {
        await _database.Execute("INSERT INTO invite_codes (code, shown, kind, person_name, max_uses) SELECT 'G' || to_char(i, 'FM0000'), 'G' || i, 'vip', 'Ann', 1 FROM generate_series(1, 300) i");
        await _database.Execute("UPDATE invite_codes SET used_count = 0, max_uses = 1, expires_at = now() - interval '1 day' WHERE code = 'G0003'");
        (await _product.Redeem("G0300", "taken@example.com")).Must();

        // Four redemptions that wait for a lock occupy every batch, so that all 256 are waiting when it is let go.
        await using var holder = await _database.Source.OpenConnectionAsync();
        await using var held = await holder.BeginTransactionAsync();
        await holder.Execute("SELECT 1 FROM invite_codes WHERE code BETWEEN 'G0296' AND 'G0299' FOR UPDATE", default);
        var first = new List<Task<Outcome<RedeemAnswer>>>();
        foreach (var code in (string[])["G0296", "G0297", "G0298", "G0299"])
        {
            first.Add(Redeem(code, $"{code}@example.com"));
            await WaitFor.True(async () => await _database.Scalar<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == first.Count);
        }

        using var leaving = new CancellationTokenSource();
        var all = Enumerable.Range(1, 256).Select(i => i switch
        {
            1 => Redeem("G0001", "nul@example.com", "A\0nn"),
            2 => Redeem("G0002", "TAKEN@example.com"),
            3 => Redeem("G0003", "late@example.com"),
            4 => Redeem("G0300", "fourth@example.com"),
            5 => Redeem("G0005", "long@example.com", new string('x', 70_000)),
            6 => Redeem("G0006", "leaving@example.com", cancel: leaving.Token),
            7 => Redeem("G0008", "p8@example.com"),
            _ => Redeem($"G{i:0000}", $"p{i}@example.com"),
        }).ToArray();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all[5]);
        await held.CommitAsync();

        foreach (var one in first) (await one).Must();
        Assert.Equal(["name"], Assert.IsType<Invalid>((await all[0]).Failure).Fields.Keys);
        Assert.IsType<EmailRegistered>((await all[1]).Failure);
        Assert.IsType<CodeExpired>((await all[2]).Failure);
        Assert.IsType<CodeExhausted>((await all[3]).Failure);
        Assert.Equal(["name"], Assert.IsType<Invalid>((await all[4]).Failure).Fields.Keys);
        // Two of one code and one email: one of them, whichever came first.
        Assert.Single((Outcome<RedeemAnswer>[])[await all[6], await all[7]], a => a.Succeeded);
        foreach (var one in all[8..]) (await one).Must();

        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM members WHERE email IN ('nul@example.com', 'late@example.com', 'fourth@example.com', 'long@example.com', 'leaving@example.com')"));
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(DISTINCT xmin::text) FROM members WHERE email LIKE 'p%@example.com'"));
        Assert.Equal(249, await _database.Scalar<long>("SELECT count(*) FROM members WHERE email LIKE 'p%@example.com'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task BadItem_ThatTheStatementRefuses_HurtsOnlyItself()
    {
        var shared = _product.One<SharedCommit<JoinRow, JoinAnswer>>();
        var rows = Enumerable.Range(0, 256).Select(i => JoinWaitlist.Check(Product.Key, new JoinRequest($"j{i}@example.com", "Ann", EmailVerified: true), out var row) is null ? row : null!).ToList();
        rows[77] = rows[77] with { Name = "A\0nn" };
        var answers = await Race.Of(256, async i =>
        {
            try
            {
                return (await shared.Add(rows[i] with { EmailHash = [1] }, null, default)).Must().Entry.Email;
            }
            catch (PostgresException e)
            {
                return e.SqlState;
            }
        });
        Assert.Equal(PostgresErrorCodes.CharacterNotInRepertoire, answers[77]);
        Assert.Equal(255, answers.Where((a, i) => a == $"j{i}@example.com").Count());
        Assert.Equal(255, await _database.Scalar<long>("SELECT count(*) FROM waitlist_entries"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Full_RefusesTheNextAndLosesNone()
    {
        var write = new GatedWrite();
        var shared = new SharedCommit<string, string>(_product.One<WriteSource>(), write) { Capacity = 3, Late = Timeout.InfiniteTimeSpan };
        var running = new[] { shared.Add("a", null, default), shared.Add("b", null, default) };
        await WaitFor.True(() => Task.FromResult(write.Begun.Count == 2));
        var waiting = new[] { shared.Add("c", null, default), shared.Add("d", null, default), shared.Add("e", null, default) };
        Assert.IsType<TooMuchAtOnce>((await shared.Add("f", null, default)).Failure);
        write.Open();
        Assert.Equal(["a", "b", "c", "d", "e"], (await Task.WhenAll([.. running, .. waiting])).Select(a => a.Must()));
    }

    [Fact]
    public async Task HotKey_BeingWritten_HoldsNobodyElseUp()
    {
        var write = new GatedWrite { Gated = item => item.StartsWith("hot", StringComparison.Ordinal) };
        var shared = new SharedCommit<string, string>(_product.One<WriteSource>(), write);
        var hot = Enumerable.Range(0, 300).Select(i => shared.Add($"hot {i}", null, default)).ToArray();
        await WaitFor.True(() => Task.FromResult(!write.Begun.IsEmpty));
        foreach (var other in Enumerable.Range(0, 20)) Assert.Equal($"cold{other}", (await shared.Add($"cold{other}", null, default)).Must());
        Assert.DoesNotContain(hot, h => h.IsCompleted);
        write.Open();
        Assert.All(await Task.WhenAll(hot), a => Assert.True(a.Succeeded));
    }

    [Fact]
    public async Task TwoKeysThatHang_HoldNobodyUpWhoComesLater()
    {
        var write = new GatedWrite { Gated = item => item.StartsWith("stuck", StringComparison.Ordinal) };
        var shared = new SharedCommit<string, string>(_product.One<WriteSource>(), write);
        var stuck = new[] { shared.Add("stuck1", null, default), shared.Add("stuck2", null, default) };
        await WaitFor.True(() => Task.FromResult(write.Begun.Count == 2));
        await Task.Delay(3 * shared.Late);
        foreach (var other in Enumerable.Range(0, 20)) Assert.Equal($"later{other}", (await shared.Add($"later{other}", null, default)).Must());
        Assert.DoesNotContain(stuck, s => s.IsCompleted);
        write.Open();
        Assert.All(await Task.WhenAll(stuck), a => Assert.True(a.Succeeded));
    }

    [Fact]
    public async Task Cancelled_WhileWaitingIsDropped_WhileWrittenIsWritten()
    {
        var write = new GatedWrite();
        var shared = new SharedCommit<string, string>(_product.One<WriteSource>(), write) { Late = Timeout.InfiniteTimeSpan };
        using var leaving = new CancellationTokenSource();
        var running = new[] { shared.Add("a", null, leaving.Token), shared.Add("b", null, default) };
        await WaitFor.True(() => Task.FromResult(write.Begun.Count == 2));
        var waiting = new[] { shared.Add("c", null, leaving.Token), shared.Add("d", null, default) };
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running[0]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[0]);
        write.Open();
        Assert.Equal("d", (await waiting[1]).Must());
        Assert.Equal(["a", "b", "d"], write.Begun.Order());
    }

    [Fact]
    public async Task ConnectionLostBeforeTheCommit_AllAreToldAndNothingIsWritten()
    {
        var shared = _product.One<SharedCommit<JoinRow, JoinAnswer>>();
        await using var holder = await _database.Source.OpenConnectionAsync();
        await using var held = await holder.BeginTransactionAsync();
        await holder.Execute("LOCK TABLE points_ledger IN ACCESS EXCLUSIVE MODE", default);
        var joins = Enumerable.Range(0, 50).Select(async i =>
        {
            JoinWaitlist.Check(Product.Key, new JoinRequest($"lost{i}@example.com", "Ann", EmailVerified: true), out var row);
            return await Record.ExceptionAsync(() => shared.Add(row with { EmailHash = [1] }, null, default));
        }).ToArray();
        await WaitFor.True(async () => await _database.Scalar<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0);
        while (joins.Any(j => !j.IsCompleted))
        {
            await _database.Scalar<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
        }

        await held.RollbackAsync();
        Assert.All(await Task.WhenAll(joins), e => Assert.IsAssignableFrom<NpgsqlException>(e));
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM waitlist_entries"));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<Outcome<RedeemAnswer>> Redeem(string code, string email, string name = "Ann Example", CancellationToken cancel = default) =>
        _product.Do<RedeemInvite, Outcome<RedeemAnswer>>(r => r.One(Product.Key, new RedeemRequest(code, email, name), cancel));

    /// <summary>Answers each item with itself, once its gate is open. The key is the first word.</summary>
    private sealed class GatedWrite : ISharedWrite<string, string>
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<string> Begun { get; } = new();

        public Func<string, bool> Gated { get; init; } = _ => true;

        public void Open() => _gate.SetResult();

        public string KeyOf(string item) => item.Split(' ')[0];

        public async Task<IReadOnlyList<Outcome<string>>> Write(NpgsqlConnection connection, IReadOnlyList<string> items, CancellationToken cancel)
        {
            foreach (var item in items) Begun.Enqueue(item);
            if (items.Any(Gated)) await _gate.Task;
            return [.. items.Select(i => (Outcome<string>)i)];
        }
    }
}
