using InviteAdmin.Invites;
using InviteAdmin.Outbox;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using InviteAdmin.Webhooks;

namespace InviteAdmin.Data;

/// <summary>What is wrong with the settings of the core, one sentence per value, each naming its key.</summary>
public static class OptionRules
{
    public static IEnumerable<string> Problems(WaitlistOptions o) =>
        Range("Waitlist:ConfirmDays", o.ConfirmDays, 1, 365).Concat(Range("Waitlist:ArrivedPoints", o.ArrivedPoints, 0, 10_000)).Concat(Range("Waitlist:BroughtPoints", o.BroughtPoints, 0, 10_000));

    public static IEnumerable<string> Problems(InvitesOptions o) =>
        Range("Invites:PersonalCodes", o.PersonalCodes, 0, 100).Concat(Range("Invites:PersonalDays", o.PersonalDays, 1, 3650)).Concat(Range("Invites:InvitationDays", o.InvitationDays, 1, 365))
            .Concat(Range("Invites:ReminderDays", o.ReminderDays, 0, 365)).Concat(Range("Invites:VipDays", o.VipDays, 1, 3650));

    public static IEnumerable<string> Problems(RolloutOptions o) => Range("Rollout:UndoSeconds", o.UndoSeconds, 0, 86_400);

    public static IEnumerable<string> Problems(WebhooksOptions o) => Range("Webhooks:TimeoutSeconds", o.TimeoutSeconds, 1, 30);

    public static IEnumerable<string> Problems(MailOptions o)
    {
        if (o.Channel is not ("mailbox" or "smtp" or "redis"))
        {
            yield return "Mail:Channel must be mailbox, smtp or redis.";
        }

        if (!People.EmailAddress.TryParse(o.From, out _, out _))
        {
            yield return "Mail:From must be an email address.";
        }

        if (o.Channel == "smtp")
        {
            if (string.IsNullOrWhiteSpace(o.Smtp.Host))
            {
                yield return "Mail:Smtp:Host must name the mail server when Mail:Channel is smtp.";
            }

            foreach (var problem in Range("Mail:Smtp:Port", o.Smtp.Port, 1, 65_535).Concat(Range("Mail:Smtp:TimeoutSeconds", o.Smtp.TimeoutSeconds, 1, 600)))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> Range(string key, int value, int least, int most) => value < least || value > most ? [$"{key} must be between {least} and {most}; it is {value}."] : [];
}
