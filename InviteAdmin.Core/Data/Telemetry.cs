using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text;
using InviteAdmin.Results;

namespace InviteAdmin.Data;

/// <summary>
/// What the product tells a collector about itself, named by the OpenTelemetry conventions; docs/telemetry.md lists it. Where nobody
/// listens a call costs a comparison. Attributes are names of ours and numbers: never an address, a code, a token or a person's name.
/// </summary>
public static class Telemetry
{
    /// <summary>The name of our meter and of our source of spans.</summary>
    public const string Name = "InviteAdmin";

    private const string Success = "success";
    private static readonly ActivitySource Spans = new(Name, Heartbeat.Version);
    private static readonly Meter Ours = new(Name, Heartbeat.Version);
    private static readonly ConcurrentDictionary<string, string> Names = new(StringComparer.Ordinal);
    private static readonly double[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private static readonly Counter<long> UseCases = Ours.CreateCounter<long>("inviteadmin.use_case.outcomes", "{outcome}", "How use cases ended: success, or the kind of failure.");
    private static readonly Histogram<long> BatchSize = Ours.CreateHistogram("inviteadmin.batch.size", "{item}", "Items that shared a commit.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. Sizes.Select(s => (long)s)] });
    private static readonly Histogram<double> BatchDuration = Ours.CreateHistogram("inviteadmin.batch.duration", "s", "How long a shared commit took.", advice: Timed());
    private static readonly Counter<long> BatchFailures = Ours.CreateCounter<long>("inviteadmin.batch.failures", "{batch}", "Shared commits that failed for good.");
    private static readonly Histogram<double> Mail = Ours.CreateHistogram("inviteadmin.mail.try.duration", "s", "How long a try to deliver a mail or a queue item took, by how it ended.", advice: Timed());
    private static readonly Histogram<double> Webhooks = Ours.CreateHistogram("inviteadmin.webhook.try.duration", "s", "How long a try to deliver a webhook took, by how it ended.", advice: Timed());
    private static readonly Counter<long> Releases = Ours.CreateCounter<long>("inviteadmin.releases", "{release}", "Releases by the plan or by a person, by how they ended.");
    private static readonly Counter<long> Invited = Ours.CreateCounter<long>("inviteadmin.release.people", "{person}", "People invited.");

    /// <summary>A use case ended with this failure, or well without one. <paramref name="flow"/> is its file.</summary>
    internal static void Ended(string flow, Failure? failure) => Count(flow, failure?.Slug ?? Success, null);

    /// <summary>A use case ended by an exception.</summary>
    internal static void Ended(string flow, Exception fault)
    {
        if (fault is not OperationCanceledException)
        {
            Count(flow, "fault", fault);
        }
    }

    /// <summary>Runs a use case that commits together with others, and counts how it ended.</summary>
    internal static async Task<Outcome<T>> Watch<T>(Func<Task<Outcome<T>>> useCase, [CallerFilePath] string flow = "")
    {
        try
        {
            var outcome = await useCase();
            Ended(flow, outcome.Failure);
            return outcome;
        }
        catch (Exception fault)
        {
            Ended(flow, fault);
            throw;
        }
    }

    /// <summary>A span around a shared commit; null when nobody listens.</summary>
    internal static Activity? Begin(object write) => Spans.HasListeners() ? Spans.StartActivity("commit " + NameOf(write.GetType().Name)) : null;

    internal static void Committed(string write, int items, TimeSpan took)
    {
        if (BatchSize.Enabled || BatchDuration.Enabled)
        {
            var batch = KeyValuePair.Create<string, object?>("inviteadmin.batch", NameOf(write));
            BatchSize.Record(items, batch);
            BatchDuration.Record(took.TotalSeconds, batch);
            Activity.Current?.SetTag("inviteadmin.batch.size", items);
        }
    }

    internal static void Failed(string write, Exception fault)
    {
        if (BatchFailures.Enabled)
        {
            BatchFailures.Add(1, new("inviteadmin.batch", NameOf(write)), new("error.type", fault.GetType().Name));
        }
    }

    internal static void MailTried(string template, string state, TimeSpan took)
    {
        if (Mail.Enabled)
        {
            Mail.Record(took.TotalSeconds, new("inviteadmin.template", template), new("inviteadmin.outcome", state == "pending" ? "retry" : state));
        }
    }

    internal static void WebhookTried(string type, string state, int? status, TimeSpan took)
    {
        if (Webhooks.Enabled)
        {
            var tags = new TagList { { "inviteadmin.event", type }, { "inviteadmin.outcome", state == "pending" ? "retry" : state } };
            if (status is { } code)
            {
                tags.Add("http.response.status_code", code);
            }

            Webhooks.Record(took.TotalSeconds, tags);
        }
    }

    /// <summary>A release was asked for by the plan or by a person.</summary>
    internal static void Released(string by, string outcome, int people)
    {
        if (Releases.Enabled)
        {
            Releases.Add(1, new("inviteadmin.release.by", by), new("inviteadmin.outcome", outcome));
            Invited.Add(people, new KeyValuePair<string, object?>("inviteadmin.release.by", by));
        }
    }

    private static void Count(string flow, string outcome, Exception? fault)
    {
        if (!UseCases.Enabled)
        {
            return;
        }

        var tags = new TagList { { "inviteadmin.use_case", Names.TryGetValue(flow, out var known) ? known : NameOf(flow) }, { "inviteadmin.outcome", outcome } };
        if (fault is not null)
        {
            tags.Add("error.type", fault.GetType().Name);
        }

        UseCases.Add(1, tags);
    }

    // RedeemInvite.cs, wherever it was built, is redeem_invite.
    private static string NameOf(string flow) => Names.GetOrAdd(flow, static full =>
    {
        var name = full[(full.LastIndexOfAny(['/', '\\']) + 1)..];
        name = name.EndsWith(".cs", StringComparison.Ordinal) ? name[..^3] : name;
        var snake = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsUpper(c) && snake.Length > 0)
            {
                snake.Append('_');
            }

            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    });

    private static InstrumentAdvice<double> Timed() => new() { HistogramBucketBoundaries = Seconds };
}
