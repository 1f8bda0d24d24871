using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>Everything a decision rests on. Stored with it, so that it can be made again.</summary>
/// <param name="State">draft, running, soaking, holding, paused or completed.</param>
/// <param name="Stage">Index of the stage in force.</param>
/// <param name="BatchesSent">Of that stage.</param>
/// <param name="LastBatch">Local date of that stage's last batch.</param>
/// <param name="SentToday">Whether the plan's batch of <c>Today</c> has gone out.</param>
/// <param name="NeedsPerson">A stop condition halted it: it goes on when a person says so, whatever is measured later.</param>
/// <param name="Approved">A person let the next stage begin.</param>
/// <param name="Waiting">People who could be invited, counted as far as a batch reaches.</param>
/// <param name="FreeSeats">Null without a capacity.</param>
/// <param name="Measured">One for each condition of the stage's gate, in its order.</param>
/// <param name="Counting">Points are being counted again, and no order holds until that is done.</param>
public sealed record StageFacts(
    IReadOnlyList<Stage> Stages, string State, int Stage, int BatchesSent, DateOnly? LastBatch, bool SentToday, bool NeedsPerson, bool Approved,
    DateOnly Today, TimeOnly Now, TimeOnly SendAt, IReadOnlyList<string> Days, long Waiting, long? FreeSeats, IReadOnlyList<Measured> Measured, bool Counting = false);

/// <summary>What follows from the facts: how the plan stands afterwards, how many are invited now, and why.</summary>
/// <param name="Outcome">send, sent, not-yet, off-day, empty, counting, no-capacity, soaking, held, advanced, completed, or the state in which nothing is sent.</param>
/// <param name="Invite">People to invite now; 0 for none.</param>
/// <param name="WaitsFor">What a held plan waits for: gate, data, approval or person (who lets it go on after a halt); null when it is not held.</param>
public sealed record StageDecision(string Outcome, string State, int Stage, int Invite, string Reason, string? WaitsFor = null);

/// <summary>The rule of a staged rollout: batches, then soak, then gate, stage by stage. Pure: the same facts give the same decision.</summary>
public static class StageRule
{
    public static StageDecision Decide(StageFacts facts)
    {
        if (facts.State is "draft" or "paused" or "completed")
        {
            return new(facts.State, facts.State, facts.Stage, 0, facts.State == "draft" ? "The plan is a draft; nothing is sent." : facts.State == "paused" ? "Paused; nothing is sent." : "All stages are done.");
        }

        var stage = facts.Stages[facts.Stage];
        var results = GateCheck.Judge(stage.Gate, facts.Measured);
        var name = $"Stage {Number(facts.Stage + 1)}";
        if (facts.NeedsPerson)
        {
            return new("held", "holding", facts.Stage, 0, $"{name} was halted and waits for somebody to let it go on.", WaitsFor: "person");
        }

        if (results.Where(r => r.Condition.Stops && r.Verdict == Verdict.Hold).Select(r => r.Words).ToArray() is { Length: > 0 } breached)
        {
            return new("held", "holding", facts.Stage, 0, $"{name} halted: {string.Join("; ", breached)}.", WaitsFor: "person");
        }

        return IsDone(stage, facts) ? AfterBatches(facts, stage, results, name) : Batch(facts, stage);
    }

    // The last stage, if it has no number of batches, stays open for whoever joins.
    private static bool IsDone(Stage stage, StageFacts facts) =>
        stage.Batches is { } batches ? facts.BatchesSent >= batches : facts is { Waiting: 0, BatchesSent: > 0 } && facts.Stage + 1 < facts.Stages.Count;

    private static StageDecision AfterBatches(StageFacts facts, Stage stage, IReadOnlyList<ConditionResult> results, string name)
    {
        var soaked = facts.LastBatch is { } last ? facts.Today.DayNumber - last.DayNumber : int.MaxValue;
        if (soaked <= stage.SoakDays)
        {
            return new("soaking", "soaking", facts.Stage, 0, soaked < 1 ? $"{name} has sent its last batch; {(stage.SoakDays == 0 ? "what follows is decided tomorrow" : stage.SoakDays == 1 ? "1 day of soak begins tomorrow" : $"{Number(stage.SoakDays)} days of soak begin tomorrow")}." : $"{name} soaks: day {Number(soaked)} of {Number(stage.SoakDays)}.");
        }

        if (GateCheck.Of(results) is not Verdict.Pass and var verdict)
        {
            var why = string.Join("; ", results.Where(r => r.Verdict != Verdict.Pass).Select(r => r.Words));
            return new("held", "holding", facts.Stage, 0, verdict == Verdict.Hold ? $"{name} held: {why}." : $"{name} held, not enough data: {why}.", verdict == Verdict.Hold ? "gate" : "data");
        }

        if (stage.NeedsApproval && !facts.Approved)
        {
            return new("held", "holding", facts.Stage, 0, $"{name} has passed its gate and waits for approval.", "approval");
        }

        return facts.Stage + 1 == facts.Stages.Count
            ? new("completed", "completed", facts.Stage, 0, $"{name} {Passed(results)}. It was the last.")
            : new("advanced", "running", facts.Stage + 1, 0, $"{name} {Passed(results)}. Stage {Number(facts.Stage + 2)} begins.");
    }

    private static StageDecision Batch(StageFacts facts, Stage stage)
    {
        var running = new StageDecision("not-yet", "running", facts.Stage, 0, "");
        if (facts.SentToday)
        {
            return running with { Outcome = "sent", Reason = "Today's batch has gone out." };
        }

        if (!facts.Days.Contains(facts.Today.DayOfWeek.ToString()[..3].ToLowerInvariant(), StringComparer.Ordinal))
        {
            return running with { Outcome = "off-day", Reason = $"No batch on {facts.Today.ToString("dddd", CultureInfo.InvariantCulture)}s." };
        }

        if (facts.Now < facts.SendAt)
        {
            return running with { Reason = $"Today's batch goes out at {facts.SendAt.ToString("HH:mm", CultureInfo.InvariantCulture)}." };
        }

        if (facts.Waiting == 0)
        {
            return running with { Outcome = "empty", Reason = "Nobody is waiting." };
        }

        if (facts.Counting)
        {
            return running with { Outcome = "counting", Reason = "Points are being counted again. The batch goes out as soon as that is done." };
        }

        var people = (int)Math.Min(Math.Min(stage.BatchSize, facts.Waiting), facts.FreeSeats ?? long.MaxValue);
        return people <= 0
            ? running with { Outcome = "no-capacity", Reason = "All seats are taken." }
            : running with { Outcome = "send", Invite = people, Reason = $"{Number(people)} of {Number(stage.BatchSize)} people are invited{(people < stage.BatchSize && people < facts.Waiting ? ": no more seats are free" : "")}." };
    }

    private static string Passed(IReadOnlyCollection<ConditionResult> results) => results.Count == 0 ? "is done" : $"has passed its gate: {string.Join("; ", results.Select(r => r.Words))}";

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
