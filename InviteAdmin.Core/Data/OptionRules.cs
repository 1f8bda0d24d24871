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

            foreach (var problem in Range("Mail:Smtp:Port", o.Smtp.Port, 1, 65_535).Concat(Range("Mail:Smtp:TimeoutSeconds", o.Smtp.TimeoutSeconds, 1, 600))
                .Concat(Range("Mail:Smtp:Connections", o.Smtp.Connections, 1, 100)).Concat(Range("Mail:Smtp:MailsPerConnection", o.Smtp.MailsPerConnection, 1, 100_000))
                .Concat(Range("Mail:Smtp:MailsPerSecond", o.Smtp.MailsPerSecond, 0, 10_000)))
            {
                yield return problem;
            }

            if (o.Smtp is { User.Length: > 0, StartTls: false, ImplicitTls: false } && !IsThisMachine(o.Smtp.Host))
            {
                yield return "Mail:Smtp:User would send its password in the clear: set Mail:Smtp:StartTls or Mail:Smtp:ImplicitTls to true.";
            }

            if (o.Smtp.CaFile.Length > 0 && !File.Exists(o.Smtp.CaFile))
            {
                yield return "Mail:Smtp:CaFile names a file that does not exist.";
            }
        }

        if (o.UnsubscribeMailto.Length > 0 && !People.EmailAddress.TryParse(o.UnsubscribeMailto, out _, out _))
        {
            yield return "Mail:UnsubscribeMailto must be an email address.";
        }

        if (o.Events.PostmarkUser.Length == 0 != (o.Events.PostmarkPassword.Length == 0))
        {
            yield return "Mail:Events:PostmarkUser and Mail:Events:PostmarkPassword are set together or not at all.";
        }

        if (o.Events.SendGridPublicKey.Length > 0 && !SendGridKey.IsValid(o.Events.SendGridPublicKey))
        {
            yield return "Mail:Events:SendGridPublicKey is not a verification key: copy all of it from SendGrid's settings of the signed event webhook.";
        }
    }

    private static bool IsThisMachine(string host) => host is "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));

    private static IEnumerable<string> Range(string key, int value, int least, int most) => value < least || value > most ? [$"{key} must be between {least} and {most}; it is {value}."] : [];
}
