namespace InviteAdmin.People;

/// <summary>The support sentence of somebody whose invitation is open: how its mail fares and how long the code still works.</summary>
internal static class SupportInvitation
{
    public static SupportAnswer Of(PersonFacts person, SayWhen say)
    {
        var entry = person.Entry!;
        var invited = $"Invited{say.OnDay(entry.Row.InvitedAt ?? entry.Row.JoinedAt)}{(entry.Cohort is { } cohort ? $" in cohort {cohort}" : "")}.";
        if (entry.Code is { ExpiresAt: { } end } && end <= say.Now)
        {
            return new($"{invited} The code was not used and ran out{say.OnDay(end)}; they wait again soon.", "Give them a new code to let them in without waiting.", NextStep.NewCode);
        }

        var unused = entry.Code?.ExpiresAt is { } expires ? $"The code is unused and runs out {say.In(expires)}." : "The code is unused.";
        var mails = person.Mails.Where(m => m.Template == "invitation" && (entry.Code is null || m.Code is null || m.Code == entry.Code.Code)).ToArray();
        var sent = mails.FirstOrDefault(m => m.State == "sent");
        // What was undone says nothing; the newest of the others tells how it stands.
        var newest = mails.FirstOrDefault(m => m.State != "cancelled") ?? mails.FirstOrDefault();
        return newest switch
        {
            { State: "pending", Attempts: > 0 } => new(
                $"{invited} {(sent is null ? "The mail was not taken yet" : $"The mail was sent{say.OnDay(sent.At)}; sending it again has not worked yet")}{SupportSentence.Because(newest.Error)}. The next try is {say.At(newest.DueAt)}. {unused}",
                "Wait for the next try. If it keeps failing, check the address with them.", NextStep.OpenMail, newest.Id),
            { State: "pending" } when sent is not null => new($"{invited} The mail was sent{say.OnDay(sent.At)} and goes out again {say.At(newest.DueAt)}. {unused}", "Wait until it has arrived.", NextStep.None),
            { State: "pending" } => new($"{invited} The mail has not left yet; it goes out {say.At(newest.DueAt)}. {unused}", "Wait until it has left, or undo the release while there is time.", NextStep.None),
            { State: "dead" } => new($"{invited} The mail failed{SupportSentence.Because(newest.Error)}. {unused}", "Check the address with them. If it is right, resend the invitation; if not, read them the code.", NextStep.Resend),
            { State: "suppressed" } => new($"{invited} The mail was not sent, because their address gets no mail. {unused}", "Read them the code, or ask them for another address.", NextStep.None),
            { State: "sent" } => new($"{invited} The mail was sent{say.OnDay(newest.At)}{(newest.Resent ? ", not for the first time" : "")}. {unused}", "Resend the invitation if they cannot find it.", NextStep.Resend),
            { State: "cancelled" } => new($"{invited} The mail was cancelled before it left. {unused}", "Resend the invitation.", NextStep.Resend),
            _ => new($"{invited} No mail was sent. {unused}", "Resend the invitation.", NextStep.Resend),
        };
    }
}
