using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace InviteAdmin.Tests.Webhooks;

/// <summary>A webhook as it arrived.</summary>
/// <param name="At">Ticks of the stopwatch.</param>
public sealed record ReceivedWebhook(string Path, IReadOnlyDictionary<string, string> Headers, string Body, long At)
{
    public string Id => Headers["webhook-id"];

    public string Signature => Headers["webhook-signature"];

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Type => Json.GetProperty("type").GetString()!;

    public JsonElement Data => Json.GetProperty("data");
}

/// <summary>The other side: an HTTP server on loopback that keeps what it is sent and answers as the test says.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<ReceivedWebhook> Taken { get; } = new();

    /// <summary>What it answers; 204 unless said otherwise.</summary>
    public Func<ReceivedWebhook, HttpContext, Task> Answer { get; set; } = (_, context) => { context.Response.StatusCode = 204; return Task.CompletedTask; };

    public string Url(string path = "/hook") => _app.Urls.First() + path;

    public static async Task<WebhookReceiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.Run(receiver.Take);
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var taken = new ReceivedWebhook(
            context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal), await reader.ReadToEndAsync(context.RequestAborted), Stopwatch.GetTimestamp());
        Taken.Enqueue(taken);
        await Answer(taken, context);
    }
}
