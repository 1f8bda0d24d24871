using System.Globalization;
using System.Text.Json;
using InviteAdmin.Components.Shared;
using InviteAdmin.Rollout;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>A line of the plan's history, with the facts it rests on in words.</summary>
/// <param name="Stage">From 1.</param>
/// <param name="By">Who decided; null for the rule.</param>
public sealed record DecisionLine(
    long Id, DateTimeOffset At, string Outcome, string Reason, int? Cohort, int Stage, string? By, IReadOnlyList<string> Facts)
{
    public static DecisionLine Of(NumberedDecision numbered)
    {
        var (decision, inputs) = (numbered.Facts, Read(numbered.Facts.Inputs));
        return new(numbered.Id, decision.At, decision.Outcome, decision.Reason, decision.Cohort, decision.Stage + 1, decision.By,
            inputs is null ? [decision.Inputs ?? "Nothing was kept."] : Words(inputs));
    }

    // Decisions of a plan without stages were stored in another form.
    private static DecisionInputs? Read(string? json)
    {
        try
        {
            return json is not null && JsonSerializer.Deserialize<DecisionInputs>(json, PlanJson.Options) is { Facts: { Stages: not null, Measured: not null } } read ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string[] Words(DecisionInputs inputs)
    {
        var facts = inputs.Facts;
        var stage = facts.Stages[facts.Stage];
        var gate = stage.Gate.Count == facts.Measured.Count ? GateCheck.Judge(stage.Gate, facts.Measured) : [];
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"It was {inputs.LocalTime:dddd d MMMM yyyy, HH:mm} in {inputs.Zone}."),
            $"Version {Say.Number(inputs.PlanVersion)} of the plan was {State(facts.State)} at stage {facts.Stage + 1} of {facts.Stages.Count}, “{stage.Name}”, with {Say.Count(facts.BatchesSent, "batch", "batches")} sent{(facts.LastBatch is { } last ? $", the last on {last.ToString("d MMMM", CultureInfo.InvariantCulture)}" : "")}.",
            $"Batches go out from {facts.SendAt.ToString("HH:mm", CultureInfo.InvariantCulture)}; that day's {(facts.SentToday ? "had gone out" : "had not gone out")}.",
            facts.Waiting >= stage.BatchSize ? $"At least {Say.People(facts.Waiting)} could be invited." : $"{Say.People(facts.Waiting)} could be invited.",
            inputs.Capacity is not { } seats ? "Seats had no limit." : facts.FreeSeats is { } free ? $"{Say.Number(free)} of {Say.Count(seats, "seat", "seats")} were free." : $"Of the {Say.Count(seats, "seat", "seats")} nobody asked how many were free.",
            .. gate.Select(r => $"Gate: {r.Words}: {GateWords.Verdict(r).Word.ToLowerInvariant()}."),
            .. facts.NeedsPerson ? new[] { "It had been halted, and nobody had let it go on." } : [],
            .. facts.Counting ? new[] { "Points were being counted again." } : [],
            .. facts.Approved ? new[] { "Somebody had approved." } : [],
        ];
    }

    private static string State(string state) => state switch { "draft" => "a draft", "holding" => "held", "completed" => "complete", _ => state };
}
