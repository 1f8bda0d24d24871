using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using InviteAdmin.Tests.Webhooks;
using InviteAdmin.Webhooks;

namespace InviteAdmin.Tests.Api;

/// <summary>The app with receivers allowed on this machine.</summary>
public sealed class HookedApp : RunningApp
{
    protected override void ConfigureWebHost(Microsoft.AspNetCore.Hosting.IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Webhooks:AllowLoopback", "true");
    }
}

/// <summary>Webhooks over HTTP, delivered by the app itself.</summary>
public sealed class WebhookCallsTests(HookedApp app) : IClassFixture<HookedApp>
{
    [Fact]
    public async Task Webhook_AddTestReplayListRemove_OverHttp()
    {
        await using var receiver = await WebhookReceiver.Start();
        using var api = ApiClient.For(app);
        var added = await api.Post("/webhooks", new { url = receiver.Url(), events = new[] { "waitlist.joined", "waitlist.joined" }, note = "Signup" }, "add-once");
        Assert.Equal(201, (int)added.Status);
        var id = added.Json.GetProperty("id").GetString()!;
        Assert.StartsWith("whsec_", added.Json.GetProperty("secret").GetString(), StringComparison.Ordinal);
        Assert.Equal(added.Text, (await api.Post("/webhooks", new { url = receiver.Url(), events = new[] { "waitlist.joined", "waitlist.joined" }, note = "Signup" }, "add-once")).Text);

        var tested = await api.Post($"/webhooks/{id}/test");
        await WaitFor.True(() => Task.FromResult(!receiver.Taken.IsEmpty));
        Assert.Equal((202, tested.Json.GetProperty("eventId").GetString(), "webhook.test"), ((int)tested.Status, receiver.Taken.First().Id, receiver.Taken.First().Type));
        await api.Post("/waitlist", new { email = "hooked@example.com", name = "Ann", emailVerified = true });
        await WaitFor.True(() => Task.FromResult(receiver.Taken.Count == 2));

        Assert.Equal(202, (int)(await api.Post($"/webhooks/{id}/replay", new { since = TimeProvider.System.GetUtcNow().AddHours(-1) })).Status);
        await WaitFor.True(() => Task.FromResult(receiver.Taken.Count == 3));
        Assert.Single(receiver.Taken.Where(t => t.Type == "waitlist.joined").Select(t => t.Id).Distinct());

        var one = Assert.Single((await api.Get("/webhooks")).Json.GetProperty("data").EnumerateArray(), w => w.GetProperty("id").GetString() == id);
        Assert.Equal(("active", "Signup", 1, false), (one.GetProperty("state").GetString(), one.GetProperty("note").GetString(), one.GetProperty("events").GetArrayLength(), one.TryGetProperty("secret", out _)));
        Assert.Equal(200, (int)(await api.Delete($"/webhooks/{id}")).Status);
        (await api.Delete($"/webhooks/{id}")).Problem(404, "not-found");
        (await api.Post($"/webhooks/{id}/test")).Problem(404, "not-found");
    }

    [Theory]
    [InlineData("""{}""", "url", "needed")]
    [InlineData("""{"url":"http://169.254.169.254/latest/meta-data"}""", "url", "private or special")]
    [InlineData("""{"url":"https://10.0.0.7/hook"}""", "url", "private or special")]
    [InlineData("""{"url":"https://ann:pw@example.com/"}""", "url", "user name")]
    [InlineData("""{"url":17}""", "url", "text")]
    [InlineData("""{"url":"http://127.0.0.1:9999/","events":[]}""", "events", "at least one")]
    [InlineData("""{"url":"http://127.0.0.1:9999/","events":["waitlist.gone"]}""", "events", "no event waitlist.gone")]
    [InlineData("""{"url":"http://127.0.0.1:9999/","events":[null]}""", "events", "no event")]
    [InlineData("""{"url":"http://127.0.0.1:9999/","events":"waitlist.joined"}""", "events", "list")]
    public async Task Webhook_BadInput_IsNamed(string body, string field, string sentence)
    {
        using var api = ApiClient.For(app);
        Assert.Contains(sentence, (await api.PostText("/webhooks", body)).Problem(422, "validation").GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhooks_BeyondFiftyOrWithAReplayTooFarBack_AreRefused()
    {
        await using var receiver = await WebhookReceiver.Start();
        using var api = ApiClient.For(app);
        var ids = new List<string>();
        ApiAnswer answer;
        while ((int)(answer = await api.Post("/webhooks", new { url = receiver.Url() })).Status == 201) ids.Add(answer.Json.GetProperty("id").GetString()!);
        answer.Problem(409, "too-many-webhooks");
        Assert.InRange(ids.Count, AddWebhook.MostEndpoints - 1, AddWebhook.MostEndpoints);
        foreach (var since in (string[])["\"2020-01-01T00:00:00Z\"", "\"2999-01-01T00:00:00Z\"", "null", "\"yesterday\""])
            Assert.True((await api.PostText($"/webhooks/{ids[0]}/replay", $$"""{"since":{{since}}}""")).Problem(422, "validation").GetProperty("errors").TryGetProperty("since", out _));
        using var reader = await ApiClient.With(app, Scope.Read);
        (await reader.Get("/webhooks")).Problem(403, "not-allowed");
        foreach (var id in ids) await api.Delete($"/webhooks/{id}");
    }
}
