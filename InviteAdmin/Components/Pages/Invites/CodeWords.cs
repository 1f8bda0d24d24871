using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;

namespace InviteAdmin.Components.Pages.Invites;

/// <summary>What the dashboard calls kinds, states and refusals of codes.</summary>
public static class CodeWords
{
    public static string Kind(string kind) => kind switch
    {
        "personal" => "Personal",
        "campaign" => "Campaign",
        "vip" => "VIP",
        _ => "Invitation",
    };

    public static string State(CodeState state) => state switch
    {
        CodeState.Exhausted => "Used up",
        _ => state.ToString(),
    };

    /// <summary>Why an attempt was refused.</summary>
    public static string Refusal(string reason)
    {
        var why = CodeAttempts.Why(reason);
        return char.ToUpperInvariant(why[0]) + why[1..];
    }

    /// <summary>What a code is, for the line under its name.</summary>
    public static string Sentence(CodeDetail code) => code.Kind switch
    {
        "personal" => "A personal code: a member gives it to a friend.",
        "campaign" => $"A code of the campaign {code.Campaign}.",
        "vip" => $"A VIP code, made for {code.Person}.",
        _ => $"An invitation from the waitlist, for {code.Person}.",
    };

    /// <summary>What revoking it ends and what stays.</summary>
    public static string Revoking(CodeDetail code) =>
        $"{Kept(code.Used, "it")}{Say.Count(code.UsesLeft, "unused use ends", "unused uses end")}.{(code is { Kind: "waitlist", Used: 0, State: "active" } ? $" {code.Person} waits again at their old place, and mail that has not left is cancelled." : "")}";

    /// <summary>“41 people who used it keep access; ”, or nothing when there are none.</summary>
    public static string Kept(long used, string what) => used switch
    {
        0 => "",
        1 => $"1 person who used {what} keeps access; ",
        _ => $"{Say.People(used)} who used {what} keep access; ",
    };
}
