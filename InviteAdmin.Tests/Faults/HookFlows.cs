using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Webhooks;
using static InviteAdmin.Tests.Faults.FaultFlows;

namespace InviteAdmin.Tests.Faults;

/// <summary>The flows of webhooks that pass fault points.</summary>
internal static class HookFlows
{
    public static readonly IReadOnlyList<FaultFlow> All =
    [
        Commit("AddWebhook", (lab, _) => Call(() => Add(lab))),
        Commit("ChangeWebhook", async (lab, _) =>
        {
            var id = await Hook(lab);
            return () => lab.Product.Do<ChangeWebhook, Outcome<NewWebhook>>(c => c.Rotate(Product.Owner, id, default));
        }),
        Commit("SendWebhook", async (lab, _) =>
        {
            var id = await Hook(lab);
            return () => lab.Product.Do<SendWebhook, Outcome<QueuedWebhook>>(s => s.Test(Product.Owner, id, default));
        }),
        new("ReplayWebhooks", "commit", Whole: false, async (lab, n) =>
        {
            var id = await Hook(lab);
            (await lab.Product.Do<ReplayWebhooks, Outcome<string>>(r => r.Start(Product.Owner, id, TimeProvider.System.GetUtcNow().AddHours(-1), $"lab-{n}", default))).Must();
            return async () => { while (await lab.Product.One<OperationRunner>().Step(default)) { } };
        }),
        Commit("DisableFailing", async (lab, _) =>
        {
            await Hook(lab);
            var endpoint = await lab.Product.Database.Scalar<long>("SELECT max(id) FROM webhook_endpoints");
            return () => lab.Product.Do<DisableFailing, bool>(d => d.Check(endpoint, gone: true, default));
        }),
        new("ClaimWebhook", "commit", Whole: false, Hooked),
        new("FinishWebhook", "commit", Whole: false, Hooked),
    ];

    /// <summary>An endpoint where nobody listens; those before it make room.</summary>
    private static async Task<string> Hook(FaultLab lab)
    {
        await lab.Execute("UPDATE webhook_endpoints SET removed_at = now() WHERE removed_at IS NULL");
        return await Add(lab);
    }

    private static async Task<string> Add(FaultLab lab) =>
        (await lab.Product.Do<AddWebhook, Outcome<NewWebhook>>(a => a.One(Product.Owner, new("http://127.0.0.1:1024/", ["rollout.held"]), default))).Must().Id;

    private static async Task<Func<Task>> Hooked(FaultLab lab, int n)
    {
        var id = await Hook(lab);
        (await lab.Product.Do<SendWebhook, Outcome<QueuedWebhook>>(s => s.Test(Product.Owner, id, default))).Must();
        return () => lab.Product.One<WebhookDispatcher>().Step(default);
    }
}
