using System.Diagnostics;
using InviteAdmin.Data;
using InviteAdmin.Outbox;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace InviteAdmin.Hosting;

/// <summary>
/// Sends traces, metrics and logs to an OpenTelemetry collector, set up by the standard environment variables alone
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its kin). Without an endpoint nothing of it is registered.
/// </summary>
public static class TelemetryExport
{
    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"];
    private static readonly string[] Meters = [Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting", "Npgsql"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration;
        if (!IsOn(settings))
        {
            return;
        }

        builder.Services.AddSingleton<QueueGauges>().AddHostedService<GaugesOn>();
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(
            settings["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : "inviteadmin", serviceVersion: Heartbeat.Version, serviceInstanceId: Heartbeat.Process));
        if (Wants(settings, "TRACES"))
        {
            telemetry.WithTracing(traces => traces.AddAspNetCoreInstrumentation(o => o.Filter = context => !context.Request.Path.StartsWithSegments("/healthz", StringComparison.Ordinal))
                .AddSource(Telemetry.Name, "Npgsql").AddProcessor(new NamelessSpans()));
        }

        if (Wants(settings, "METRICS"))
        {
            telemetry.WithMetrics(metrics => metrics.AddMeter(Meters).AddRuntimeInstrumentation());
        }

        if (Wants(settings, "LOGS"))
        {
            // The framework's own lines below a warning hold whole addresses, and with them tokens.
            builder.Logging.AddFilter<OpenTelemetryLoggerProvider>("Microsoft", LogLevel.Warning).AddFilter<OpenTelemetryLoggerProvider>("System", LogLevel.Warning);
            telemetry.WithLogging(logs => logs.AddProcessor(new NamelessLogs()), o => o.IncludeFormattedMessage = true);
        }

        telemetry.UseOtlpExporter();
    }

    private static bool IsOn(ConfigurationManager settings) =>
        !string.Equals(settings["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase) && Endpoints.Any(e => !string.IsNullOrWhiteSpace(settings[e]));

    private static bool Wants(ConfigurationManager settings, string signal) => settings[$"OTEL_{signal}_EXPORTER"]?.Trim().ToLowerInvariant() is not "none";

    // Gauges exist from the moment they are made.
    private sealed class GaugesOn(QueueGauges gauges) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.FromResult(gauges);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Takes out of a span what could name a person: addresses keep their route only, and what no request caused is left out.</summary>
internal sealed class NamelessSpans : BaseProcessor<Activity>
{
    private static readonly string[] Dropped = ["url.query", "url.full", "client.address", "user_agent.original", "network.peer.address", "network.peer.port"];

    public override void OnEnd(Activity data)
    {
        // The loops ask the database several times a second; those questions are nobody's trace.
        if ((data.Source.Name == "Npgsql" && data.ParentId is null) || data.Events.Any(e => e.Tags.Any(t => t.Value is string text && NamelessText.Names(text))))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        foreach (var key in Dropped)
        {
            data.SetTag(key, null);
        }

        if (data.GetTagItem("url.path") is string path)
        {
            data.SetTag("url.path", data.GetTagItem("http.route") as string ?? string.Join('/', path.Split('/').Take(2)));
        }

        if (data.Source.Name == "Npgsql" && data.Status == ActivityStatusCode.Error)
        {
            data.SetStatus(ActivityStatusCode.Error, null);
        }
    }
}

/// <summary>Takes out of a log record what could name a person.</summary>
internal sealed class NamelessLogs : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.FormattedMessage is { } message)
        {
            data.FormattedMessage = NamelessText.Of(message);
        }

        if (data.Attributes is { } attributes && attributes.Any(a => a.Value is string text && NamelessText.Names(text)))
        {
            data.Attributes = [.. attributes.Select(a => a.Value is string text ? new KeyValuePair<string, object?>(a.Key, NamelessText.Of(text)) : a)];
        }

        if (data.Exception is { } fault && NamelessText.Names(fault.ToString()))
        {
            data.Attributes = [.. data.Attributes ?? [], new("exception.type", fault.GetType().FullName)];
            data.Exception = null;
        }
    }
}

/// <summary>Finds what must not leave in a text: an email address, a code, a token.</summary>
internal static partial class NamelessText
{
    public static bool Names(string text) => Named().IsMatch(text);

    public static string Of(string text) => Named().Replace(text, "[left out]");

    // An address; a code as it is shown; a word of 24 and more letters and digits mixed, as tokens are.
    [System.Text.RegularExpressions.GeneratedRegex(@"[^\s@""'<>=,;:]+@[^\s@""'<>=,;:]+|\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b|\b(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-z]{24,}\b")]
    private static partial System.Text.RegularExpressions.Regex Named();
}
