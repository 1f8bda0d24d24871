using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Outbox;

/// <summary>With the redis channel the company's own workers make the mails.</summary>
public sealed record MadeByWorkers() : Failure("made-by-workers", "Your own workers make the mails (Mail:Channel is redis), so there is nothing to test here.");

/// <summary>Mails one version of a template to whoever asks, with sample values. It goes the way of every mail, and counts in no cohort.</summary>
public sealed class SendTestMail(Transactions transactions, IOptions<MailOptions> options)
{
    /// <param name="requestKey">Made when the page was shown; the same key again sends nothing more.</param>
    /// <returns>The mail's id.</returns>
    public async Task<Outcome<long>> One(Actor actor, string template, int version, string requestKey, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        if (MailDefaults.Find(template) is null)
        {
            return new NotFound("template");
        }

        if (options.Value.Channel == "redis")
        {
            return new MadeByWorkers();
        }

        return await transactions.Run<long>(async connection =>
        {
            var queued = await connection.Query(
                """
                INSERT INTO outbox (template, dedupe_key, recipient, payload)
                SELECT 'test', 'test:' || $1 || ':' || $2, u.email, jsonb_build_object('template', $3::text, 'version', $4::integer, 'data', jsonb_build_object(
                  'name', u.display_name, 'code', 'TEST-TEST-TEST', 'confirmToken', 'test', 'statusToken', 'test', 'referralToken', 'test', 'codes', jsonb_build_array('TEST-TEST-TEST', 'TEST-TEST-TEST'),
                  'count', 5, 'newInvites', 3, 'expiresAt', now() + interval '7 days', 'reason', 'This is a test.'))
                FROM staff_users u WHERE u.id::text = $1 AND u.email IS NOT NULL ON CONFLICT (dedupe_key) DO UPDATE SET dedupe_key = EXCLUDED.dedupe_key RETURNING id
                """,
                row => row.GetInt64(0), cancel, actor.Id, requestKey, template, version);
            if (queued.Count == 0)
            {
                return new NotFound("address of yours to send to");
            }

            await connection.Audit(actor, "template.tested", "template", template, cancel, after: new { Version = version });
            return queued[0];
        }, cancel);
    }
}
