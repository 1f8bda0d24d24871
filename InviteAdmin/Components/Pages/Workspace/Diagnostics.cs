using System.Globalization;
using System.Text;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>
/// The state of the installation as plain text, to send to whoever helps. It names no machine, address, connection, person or secret:
/// processes are numbered, and everything else is a version, a number or a time.
/// </summary>
public static class Diagnostics
{
    public static string Text(SystemFacts facts, InvariantReport? invariants)
    {
        var text = new StringBuilder();
        Line($"InviteAdmin {facts.Version}, {facts.Runtime}");
        Line($"At {Time(facts.At)}, up for {Say.Span(facts.Uptime)}, {Say.Bytes(facts.MemoryBytes)} of memory");
        Line($"PostgreSQL {Bare(facts.Database.Version)}{(facts.Database.Standby ? ", a standby" : "")}: {Say.Bytes(facts.Database.Bytes)}, {facts.Database.Connections} of {facts.Database.MostConnections} connections, {facts.Database.Migrations} migrations, the latest {facts.Database.LatestMigration}");
        if (facts.Redis.Up) Line($"Redis {facts.Redis.Version}: answers in {facts.Redis.Milliseconds:0.0} ms");
        else Line($"Redis: away");
        Line($"Live ranks: {(facts.Ranks.AsOf is { } asOf ? $"as of {Time(asOf)}" : "none, counted in the database")}, {facts.Ranks.ChangesWaiting} changes waiting");
        foreach (var queue in facts.Queues) Line($"{queue.Name}: {queue.Waiting}{(queue.OldestAt is { } oldest ? $", the oldest since {Time(oldest)}" : "")}");
        var number = 0;
        foreach (var process in facts.Processes) Line($"Process {++number}{(process.Here ? " (this one)" : "")}: {process.Version}, since {Time(process.StartedAt)}, heard {Time(process.HeardAt)}{(process.Silent ? ", silent" : "")}");
        if (invariants is null)
        {
            Line($"Invariants: not checked");
        }
        else
        {
            Line($"Invariants at {Time(invariants.At)}: {invariants.Results.Count - invariants.Violated.Count()} hold, {invariants.Violated.Count()} violated");
            foreach (var violated in invariants.Violated) Line($"  {violated.Invariant}: {violated.Violations}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    // “15.8 (Debian 15.8-0+deb12u1)” → 15.8
    private static string Bare(string version) => version.Split(' ')[0];
}
