using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Webhooks;

namespace InviteAdmin.Tests.Webhooks;

/// <summary>The product on a database of its own with a receiver beside it; deliveries happen when a test asks for them.</summary>
public abstract class HookContext : IAsyncLifetime
{
    protected FreshDatabase Database { get; } = new();

    protected Product Product { get; private set; } = null!;

    protected WebhookReceiver Receiver { get; private set; } = null!;

    protected WebhookDispatcher Dispatcher => Product.One<WebhookDispatcher>();

    public virtual async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Receiver = await WebhookReceiver.Start();
        Product = new Product(Database, ("Webhooks:AllowLoopback", "true"), ("Rollout:UndoSeconds", "0"));
    }

    public virtual async Task DisposeAsync()
    {
        await Product.DisposeAsync();
        await Receiver.DisposeAsync();
        await Database.DisposeAsync();
    }

    protected async Task<NewWebhook> Add(string path = "/hook", params string[] events) =>
        (await Product.Do<AddWebhook, Outcome<NewWebhook>>(a => a.One(Product.Key, new(Receiver.Url(path), events.Length == 0 ? null : events), default))).Must();

    /// <summary>Delivers until nothing is due; what is still in the air first, whose places may be all there are.</summary>
    protected async Task Deliver()
    {
        await Dispatcher.Step(default);
        while (await Dispatcher.Step(default) > 0)
        {
        }
    }

    protected async Task<QueuedWebhook> Test(string id) => (await Product.Do<SendWebhook, Outcome<QueuedWebhook>>(s => s.Test(Product.Owner, id, default))).Must();

    protected Task DueNow() => Database.Execute("UPDATE webhook_deliveries SET due_at = now() WHERE state = 'pending'; UPDATE webhook_endpoints SET wait_until = NULL");

    protected Task<long> Count(string where) => Database.Scalar<long>($"SELECT count(*) FROM webhook_deliveries WHERE {where}");
}
