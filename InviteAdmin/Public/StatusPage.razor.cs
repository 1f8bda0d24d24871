using System.Globalization;
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

    private string Heading => Entry.Status switch
    {
        EntryStatus.Unconfirmed => "Confirm your email first",
        EntryStatus.Waiting => "Your place on the list",
        EntryStatus.Invited => "You are invited",
        EntryStatus.Registered => "You are in",
        _ => "You have left the list",
    };

    private string Sentence => Entry.Status switch
    {
        EntryStatus.Unconfirmed => "We mailed you a link. Open it, and your place on the list is yours.",
        EntryStatus.Invited => $"We mailed your code on {Entry.InvitedAt?.UtcDateTime.ToString("d MMMM", CultureInfo.InvariantCulture)}. Look into your inbox, also into the spam folder.",
        EntryStatus.Registered => "You have signed up. The codes you can give away are in your welcome mail.",
        EntryStatus.Waiting => "You are on the list. Your place is being worked out; look again in a moment.",
        _ => "You get no more mail about it.",
    };

    private static string Ahead(long ahead) => ahead switch
    {
        0 => "Nobody is ahead of you. You are next.",
        1 => "One person is ahead of you.",
        _ => $"{Number(ahead)} people are ahead of you.",
    };

    private static string Words(PointsLine line) => line.Kind switch
    {
        "arrived" => "you came through a friend’s link",
        "brought" => line.Count == 1 ? "one friend joined by your link" : $"{Number(line.Count)} friends joined by your link",
        "source" => line.Source is null ? "for where you came from" : $"you came from {line.Source}",
        "rules" => "counted again by new rules",
        "reversal" => "taken back",
        _ => "given by the team",
    };

    private static string Signed(long points) => points < 0 ? $"−{Number(-points)}" : $"+{Number(points)}";

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
