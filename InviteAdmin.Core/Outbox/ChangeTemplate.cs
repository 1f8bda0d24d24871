using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Outbox;

/// <summary>The template cannot be made into a mail yet.</summary>
public sealed record TemplateStops(IReadOnlyList<TemplateProblem> Problems) : Failure("template-stops", string.Join(" ", Problems.Where(p => p.Stops).Select(p => p.Sentence)));

/// <summary>Saves, publishes and restores templates. A version once saved never changes; mail that was sent stays as it was sent.</summary>
public sealed class ChangeTemplate(Transactions transactions, PublishedTemplates published)
{
    public const int MostCharacters = 400_000;

    /// <summary>Saves a draft as a new version, also one that cannot be published yet. Answers its number.</summary>
    /// <param name="basedOn">The newest version its author saw; somebody else's since then is not passed over.</param>
    public async Task<Outcome<int>> Save(Actor actor, string template, TemplateSource source, int basedOn, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        if (MailDefaults.Find(template) is null)
        {
            return new NotFound("template");
        }

        var checks = new FieldChecks();
        checks.Text("subject", source.Subject, 500, required: true);
        foreach (var (field, text) in ((string, string)[])[("html", source.Html), ("text", source.Text)])
        {
            if (text.Length > MostCharacters)
            {
                checks.Refuse(field, $"This may have at most {MostCharacters:N0} characters.");
            }
            else if (text.Contains('\0', StringComparison.Ordinal) || text.EnumerateRunes().Any(r => r == System.Text.Rune.ReplacementChar))
            {
                checks.Refuse(field, "This holds characters that cannot be shown.");
            }
        }

        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<int>(async connection =>
        {
            await connection.Execute("SELECT pg_advisory_xact_lock(hashtextextended('mail_template:' || $1, 0))", cancel, template);
            var newest = await connection.Scalar<int>("SELECT coalesce(max(version), 0) FROM mail_templates WHERE template = $1", cancel, template);
            if (newest != basedOn)
            {
                return new StaleEdit();
            }

            await connection.Execute(
                "INSERT INTO mail_templates (template, version, subject, html, text, saved_by) VALUES ($1, $2, $3, $4, $5, $6)", cancel,
                template, newest + 1, source.Subject.Trim(), source.Html.ReplaceLineEndings("\n"), source.Text.ReplaceLineEndings("\n"), actor.Name);
            await connection.Audit(actor, "template.saved", "template", template, cancel, after: new { Version = newest + 1 });
            return newest + 1;
        }, cancel);
    }

    /// <summary>Every such mail is made from this version from now on, within two seconds in all processes; 0 is the shipped one. An older version is restored the same way.</summary>
    public async Task<Outcome<int>> Publish(Actor actor, string template, int version, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        if (MailDefaults.Find(template) is not { } kind)
        {
            return new NotFound("template");
        }

        var outcome = await transactions.Run<int>(async connection =>
        {
            if (version != 0)
            {
                var found = await connection.Query(
                    "SELECT subject, html, text FROM mail_templates WHERE template = $1 AND version = $2", row => new TemplateSource(row.GetString(0), row.GetString(1), row.GetString(2)), cancel, template, version);
                if (found.Count == 0)
                {
                    return new NotFound("version");
                }

                if (TemplateCheck.Of(kind, found[0]) is var problems && problems.Any(p => p.Stops))
                {
                    return new TemplateStops(problems);
                }
            }

            var before = await connection.Scalar<int>("SELECT version FROM mail_templates_published WHERE template = $1 FOR UPDATE", cancel, template);
            if (before != version)
            {
                await connection.Execute(
                    """
                    INSERT INTO mail_templates_published (template, version, published_by) VALUES ($1, $2, $3)
                    ON CONFLICT (template) DO UPDATE SET version = EXCLUDED.version, published_by = EXCLUDED.published_by, published_at = now()
                    """,
                    cancel, template, version, actor.Name);
                await connection.Audit(actor, "template.published", "template", template, cancel, before: new { Version = before }, after: new { Version = version });
            }

            return version;
        }, cancel);
        published.Forget();
        return outcome;
    }
}
