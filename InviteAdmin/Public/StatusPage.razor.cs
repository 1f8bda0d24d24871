using InviteAdmin.Redis;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Public;

/// <summary>Where a person stands, why, and what moves them up.</summary>
public sealed partial class StatusPage
{
    [Parameter, EditorRequired]
    public required EntryFacts Entry { get; set; }

    [Parameter, EditorRequired]
    public required RankAnswer Place { get; set; }

    /// <summary>When their turn comes, or that it cannot be said.</summary>
    [Parameter, EditorRequired]
    public required string Turn { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<PointsLine> Points { get; set; }

    [Parameter, EditorRequired]
    public required string ShareLink { get; set; }

    /// <summary>A page elsewhere that waits to show this place; null when none does.</summary>
    [Parameter]
    public OpenWatch? Watch { get; set; }

    private string Heading => HeadingOf(Words, Entry.Status);

    private string Sentence => SentenceOf(Words, Entry);

    internal static string HeadingOf(Words words, EntryStatus status) => words[status switch
    {
        EntryStatus.Unconfirmed => "StatusUnconfirmed",
        EntryStatus.Waiting => "StatusWaiting",
        EntryStatus.Invited => "StatusInvited",
        EntryStatus.Registered => "StatusRegistered",
        _ => "StatusLeft",
    }];

    /// <summary>What is said to somebody who has no rank.</summary>
    internal static string SentenceOf(Words words, EntryFacts entry) => entry.Status switch
    {
        EntryStatus.Unconfirmed => words["LeadUnconfirmed"],
        EntryStatus.Invited when entry.InvitedAt is { } at => words["LeadInvited", words.Day(at)],
        EntryStatus.Registered => words["LeadRegistered"],
        EntryStatus.Waiting or EntryStatus.Invited => words["LeadCounting"],
        _ => words["LeadLeft"],
    };

    internal static string Ahead(Words words, long ahead) => ahead switch
    {
        0 => words["AheadNone"],
        1 => words["AheadOne"],
        _ => words["AheadMany", words.Number(ahead)],
    };

    private string Said(PointsLine line) => line.Kind switch
    {
        "arrived" => Words["LineArrived"],
        "brought" => line.Count == 1 ? Words["LineBroughtOne"] : Words["LineBroughtMany", Words.Number(line.Count)],
        "source" => line.Source is null ? Words["LineSourceUnknown"] : Words["LineSource", line.Source],
        "rules" => Words["LineRules"],
        "reversal" => Words["LineReversal"],
        _ => Words["LineStaff"],
    };

    private string Signed(long points) => points < 0 ? $"−{Words.Number(-points)}" : $"+{Words.Number(points)}";
}
