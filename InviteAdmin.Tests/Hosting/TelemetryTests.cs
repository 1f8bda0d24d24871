using System.Diagnostics.Metrics;
using System.Globalization;
using InviteAdmin.Hosting;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace InviteAdmin.Tests.Hosting;

/// <summary>What the running app sends to a collector, and that nobody can be read out of it.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private OtlpReceiver _collector = null!;
    private TracedApp _app = null!;

    public async Task InitializeAsync()
    {
        _collector = await OtlpReceiver.Start();
        _app = new TracedApp(_collector);
        await _app.InitializeAsync();
    }

    [Fact]
    public async Task Use_ReachesTheCollectorByHttpAndGrpc_AndNamesNobody()
    {
        using var api = ApiClient.For(_app);
        var entry = await api.Waiting("ann.secret@example.com");
        (await api.Post("/waitlist", new { email = "not an address", name = "Zeno Secretname" })).Expect(422);
        await api.Post("/waitlist", new { email = "zeno.secret@example.com", name = "Zeno Secretname" });
        (await api.Post("/cohorts", new { count = 1 })).Expect(201);
        var code = await _app.Database.Scalar<string>("SELECT shown FROM invite_codes WHERE kind = 'waitlist'");
        (await api.Get("/codes/" + code)).Expect(200);
        (await api.Post("/redemptions", new { code, email = "ann.secret@example.com", name = "Ann Secretname" })).Expect(201);
        (await api.Post("/redemptions", new { code = "0000-0000-0000", email = "eve.secret@example.com", name = "Eve Secretname" })).Expect(404);
        var status = new Uri(entry.GetProperty("statusLink").GetString()!).AbsolutePath;
        using var http = _app.NewHttpClient();
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "secretagent/1");
        (await http.GetAsync(status + "?mail=ann.secret@example.com")).EnsureSuccessStatusCode();
        Assert.Equal(System.Net.HttpStatusCode.Gone, (await http.GetAsync("/signup?code=" + code)).StatusCode);
        await http.GetAsync("/nowhere/" + code);
        var log = _app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("InviteAdmin.Test");
        log.LogWarning(new InvalidOperationException("Key (email)=(ann.secret@example.com) is taken."), "Mail to {Recipient} with {Code} failed, token {Token}", "ann.secret@example.com", code, status.Split('/')[^1]);

        await WaitFor.True(() => Task.FromResult(
            _collector.Last("inviteadmin.use_case.outcomes", ("inviteadmin.use_case", "redeem_invite"), ("inviteadmin.outcome", "code-unknown")) >= 1
            && _collector.Last("inviteadmin.queue.depth", ("inviteadmin.queue", "outbox"), ("inviteadmin.queue.state", "due")) is not null
            && _collector.Of("traces").Any(t => t.Attributes.GetValueOrDefault("http.route") == "/signup") && _collector.Of("logs").Any(l => l.Name.StartsWith("Mail to", StringComparison.Ordinal))));

        // Both protocols, as the variables said.
        Assert.Contains("grpc /opentelemetry.proto.collector.trace.v1.TraceService/Export", _collector.Ways.Keys);
        Assert.Contains("http /v1/metrics", _collector.Ways.Keys);
        Assert.Contains("http /v1/logs", _collector.Ways.Keys);
        Assert.Contains("service.name=launch", _collector.Resources);
        Assert.Contains("deployment.environment.name=test", _collector.Resources);

        // Outcomes by use case and by kind of failure; other tests of this process may add to them.
        foreach (var (useCase, outcome, times) in ((string, string, int)[])
            [("join_waitlist", "success", 2), ("join_waitlist", "validation", 1), ("redeem_invite", "success", 1), ("release_cohort", "success", 1)])
            AtLeast(times, _collector.Last("inviteadmin.use_case.outcomes", ("inviteadmin.use_case", useCase), ("inviteadmin.outcome", outcome)));
        AtLeast(1, _collector.Last("inviteadmin.release.people", ("inviteadmin.release.by", "person")));
        AtLeast(2, _collector.Last("inviteadmin.batch.size", ("inviteadmin.batch", "join_write")));
        Assert.Equal("s", _collector.Of("metrics").First(m => m.Name == "inviteadmin.batch.duration").Unit);
        Assert.NotNull(_collector.Last("inviteadmin.queue.age", ("inviteadmin.queue", "webhooks")));
        Assert.Contains(_collector.Of("metrics"), m => m.Name == "http.server.request.duration" && m.Attributes.GetValueOrDefault("http.route") == "/api/v1/redemptions");
        Assert.Contains(_collector.Of("metrics"), m => m.Name.StartsWith("dotnet.", StringComparison.Ordinal));

        // A request, its commit and the commit's statements are one trace.
        var commits = _collector.Of("traces").Where(t => t.Name == "commit redeem_write").Select(t => t.Trace).ToHashSet(StringComparer.Ordinal);
        var request = _collector.Of("traces").First(t => commits.Contains(t.Trace) && t.Attributes.GetValueOrDefault("http.route") == "/api/v1/redemptions");
        Assert.Contains(_collector.Of("traces"), t => t.Trace == request.Trace && t.Attributes.ContainsKey("db.system.name"));
        Assert.DoesNotContain(_collector.Of("traces"), t => t.Parent.Length == 0 && t.Attributes.ContainsKey("db.system.name"));

        var said = string.Join('\n', _collector.Texts);
        foreach (var secret in (string[])
            ["ann.secret", "zeno.secret", "eve.secret", "Secretname", "secretagent", code, code.Replace("-", ""), "0000-0000-0000", status.Split('/')[^1], entry.GetProperty("referralToken").GetString()!, api.Key!, "?mail="])
            Assert.DoesNotContain(secret, said, StringComparison.OrdinalIgnoreCase);

        // However many gauges there are, a collection asks once.
        using var gauges = new QueueGauges(_app.Database.Source);
        var points = 0;
        using var listener = new MeterListener { InstrumentPublished = (instrument, to) => { if (instrument.Name.StartsWith("inviteadmin.queue.", StringComparison.Ordinal)) to.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => points++);
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => points++);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(1, gauges.Reads);
        Assert.True(points >= 10);
    }

    private static void AtLeast(double least, double? value) => Assert.True(value >= least, $"{value} is less than {least}.");

    [Theory]
    [InlineData(null, null)]
    [InlineData("http://127.0.0.1:4317", "true")]
    public void WithoutEndpointOrDisabled_NothingIsRegistered(string? endpoint, string? disabled)
    {
        var builder = Settings.NewBuilder([]);
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        builder.Configuration["OTEL_SDK_DISABLED"] = disabled;
        var before = builder.Services.Count;
        builder.AddTelemetry();
        Assert.Equal(before, builder.Services.Count);
        Assert.DoesNotContain(builder.Services, s => s.ServiceType == typeof(TracerProvider));
    }

    public async Task DisposeAsync()
    {
        await ((IAsyncLifetime)_app).DisposeAsync();
        await _collector.DisposeAsync();
    }

    private sealed class TracedApp(OtlpReceiver collector) : RunningApp
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            foreach (var (key, value) in ((string, string)[])
                [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Http), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.Grpc), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
                 ("OTEL_SERVICE_NAME", "launch"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"), ("OTEL_METRIC_EXPORT_INTERVAL", "600"), ("OTEL_BSP_SCHEDULE_DELAY", 300.ToString(CultureInfo.InvariantCulture)), ("OTEL_BLRP_SCHEDULE_DELAY", "300")])
                builder.UseSetting(key, value);
        }
    }
}
