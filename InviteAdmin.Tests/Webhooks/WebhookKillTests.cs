using System.Text.Json;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Webhooks;

/// <summary>A process killed between sending and writing it down: the next sends it again, with the same id.</summary>
public sealed class WebhookKillTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    [Fact]
    public async Task Kill9_AfterSendingBeforeNoting_SendsAgainWithTheSameId()
    {
        using var folder = new ScratchFolder();
        await using var receiver = await WebhookReceiver.Start();
        var plan = Path.Combine(folder.Path, "plan");
        await File.WriteAllTextAsync(plan, "FinishWebhook.before-commit kill\n");
        var settings = new Dictionary<string, string>(database.Settings) { ["Webhooks__AllowLoopback"] = "true", ["Hosting__DrainSeconds"] = "0" };
        var doomed = await AppProcess.Start(new Dictionary<string, string>(settings) { ["INVITEADMIN_FAULTS"] = plan });
        var key = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(InviteAdmin.Hosting.Settings.Root()!, "appsettings.Development.json"))).RootElement.GetProperty("Api").GetProperty("DevelopmentKey").GetString();
        using (var api = new ApiClient(doomed.Address, key))
        {
            var id = (await api.Post("/webhooks", new { url = receiver.Url() })).Expect(201).GetProperty("id").GetString();
            (await api.Post($"/webhooks/{id}/test")).Expect(202);
        }

        await doomed.Exit();
        var first = Assert.Single(receiver.Taken);
        // Its lease would end by itself a minute later.
        await database.Execute("UPDATE webhook_deliveries SET lease_until = now() WHERE state = 'pending'");
        await using var next = await AppProcess.Start(settings);
        await WaitFor.True(async () => await database.Scalar<long>("SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'") == 1);
        Assert.Equal([first.Id, first.Id], receiver.Taken.Select(t => t.Id));
        Assert.Single(receiver.Taken.Select(t => t.Body).Distinct());
    }
}
