using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.People;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using InviteAdmin.Webhooks;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Support;

/// <summary>The Core on a fresh database, without the web around it. Every call gets a scope of its own, as every request does.</summary>
public sealed class Product : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public Product(FreshDatabase database, params (string Key, string Value)[] settings)
        : this(database, TimeProvider.System, settings)
    {
    }

    public Product(FreshDatabase database, TimeProvider time, params (string Key, string Value)[] settings)
    {
        Database = database;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = database.Postgres,
            ["ConnectionStrings:Redis"] = database.Redis,
            ["App:PublicUrl"] = "https://invite.example.com",
        }).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddLogging();
        services.AddInviteAdminCore().AddScoped<DemoLaunch>();
        services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        services.PostConfigure<WebhooksOptions>(o => o.InDevelopment());
        services.AddSingleton(time);
        if (time is ManualTime) services.AddSingleton(new PlanClock(time));
        _services = services.BuildServiceProvider();
    }

    public static Actor Key { get; } = Actor.Key("key_test", "Test key", Scope.All);

    public static Actor Owner { get; } = Actor.Staff("1", "Owner", [Role.Owner]);

    public FreshDatabase Database { get; }

    public T One<T>() where T : notnull => _services.GetRequiredService<T>();

    public async Task<TResult> Do<T, TResult>(Func<T, Task<TResult>> call) where T : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<T>());
    }

    /// <summary>A confirmed person on the list.</summary>
    public async Task<EntryFacts> Waiting(string email, string? referral = null, string? source = null) =>
        (await Do<JoinWaitlist, Results.Outcome<JoinAnswer>>(j => j.One(Key, new JoinRequest(email, "Ann Example", source, referral, EmailVerified: true), default))).Must().Entry;

    public async Task<CohortFacts> Release(int count) => (await Do<ReleaseCohort, Results.Outcome<CohortFacts>>(r => r.Release(Owner, new ReleaseRequest(count), default))).Must();

    public Task<Results.Outcome<RedeemAnswer>> Redeem(string code, string email, bool verified = false) =>
        Do<RedeemInvite, Results.Outcome<RedeemAnswer>>(r => r.One(Key, new RedeemRequest(code, email, "Ann Example", verified), default));

    /// <summary>Writes items together, as a shared commit does with those that wait.</summary>
    public async Task<IReadOnlyList<Results.Outcome<TValue>>> Together<TItem, TValue>(ISharedWrite<TItem, TValue> write, params TItem[] items)
    {
        await using var connection = await One<Npgsql.NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var answers = await write.Write(connection, items, default);
        await transaction.CommitAsync();
        return answers;
    }

    /// <summary>People written together as if each had joined with a key.</summary>
    public async Task<IReadOnlyList<Results.Outcome<JoinAnswer>>> JoinTogether(params JoinRequest[] requests)
    {
        var rows = new List<JoinRow>();
        foreach (var request in requests)
        {
            if (JoinWaitlist.Check(Key, request, out var row) is { } invalid) throw new ArgumentException(invalid.Detail, nameof(requests));
            rows.Add(row with { EmailHash = await One<EmailHash>().Of(row.Email.Canonical, default) });
        }

        return await Together(One<JoinWrite>(), [.. rows]);
    }

    /// <summary>The live invitation code of an entry.</summary>
    public Task<string> CodeOf(EntryFacts entry) => Database.Scalar<string>(
        $"SELECT c.shown FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id WHERE e.public_id = '{entry.Id}' AND c.status = 'active' ORDER BY c.id DESC LIMIT 1");

    public Task<string> StatusOf(EntryFacts entry) => Database.Scalar<string>($"SELECT status FROM waitlist_entries WHERE public_id = '{entry.Id}'");

    /// <summary>The invariants that are violated now, which must be none.</summary>
    public async Task<IEnumerable<InvariantResult>> Violations() => (await One<InvariantCheck>().All(default)).Where(i => i.Violations != 0);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
