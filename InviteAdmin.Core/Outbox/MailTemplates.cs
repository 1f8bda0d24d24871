using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using InviteAdmin.Access;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Outbox;

/// <summary>A mail as it will be read. <c>Version</c> is that of its template; 0 is the shipped one.</summary>
public sealed record RenderedMail(string Subject, string Html, string Text, int Version = 0);

/// <summary>Makes mails from the published templates. Every value is escaped for the place it stands in, so that a name can never become markup or a header.</summary>
public sealed class MailTemplates(Links links, IOptions<AppOptions> app, PublishedTemplates published)
{
    /// <summary>Every template, in the order the Emails page lists them.</summary>
    public static readonly IReadOnlyList<string> All = [.. MailDefaults.All.Select(k => k.Name)];

    /// <param name="unsubscribe">The reader's own unsubscribe address, where the mail has one.</param>
    /// <param name="version">A version to use in place of the published one.</param>
    public async ValueTask<RenderedMail> Render(OutboxItem item, string? unsubscribe, CancellationToken cancel, int? version = null)
    {
        var (template, data) = (item.Template, JsonNode.Parse(item.Payload)!.AsObject());
        if (template == "test")
        {
            (template, version) = (Need(data, "template"), (int?)data["version"] ?? 0);
            data = data["data"]?.AsObject() ?? [];
        }

        var kind = MailDefaults.Find(template) ?? throw new RefusedForGood($"There is no mail template {template}.");
        var compiled = await published.Of(kind, version, cancel);
        var mail = Render(compiled, Values(template, data, unsubscribe));
        item.TemplateVersion = mail.Version;
        return mail;
    }

    /// <summary>A template as it would be read with these values.</summary>
    public static RenderedMail Render(CompiledTemplate template, IReadOnlyDictionary<string, string> values) => new(
        OneLine(template.Subject.Render(values, OneLine)), template.Html.Render(values, Html), template.Text.Render(values, Plain), template.Version);

    /// <summary>The same for every try of an item, so that a reader's mail client drops a second copy.</summary>
    public string MessageId(OutboxItem item) => item.MessageId ?? $"<outbox-{item.Id}.{item.CreatedAt.ToUnixTimeSeconds()}@{new Uri(app.Value.PublicUrl).IdnHost}>";

    /// <summary>What the variables of a template stand for in one mail. Throws when a needed one is missing.</summary>
    private Dictionary<string, string> Values(string template, JsonObject data, string? unsubscribe)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["name"] = (string?)data["name"] ?? "", ["product"] = app.Value.ProductName, ["unsubscribeUrl"] = unsubscribe ?? "",
            ["endsOn"] = DateTimeOffset.TryParse((string?)data["expiresAt"], CultureInfo.InvariantCulture, out var at) ? at.ToString("d MMMM", CultureInfo.InvariantCulture) : "",
            ["codes"] = data["codes"] is JsonArray codes ? string.Join("\n", codes.Select(c => (string)c!)) : "",
            ["count"] = data["count"]?.ToString() ?? "", ["newInvites"] = data["newInvites"]?.ToString() ?? "",
        };
        switch (template)
        {
            case "confirm":
                values["confirmUrl"] = links.Confirm(Need(data, "confirmToken"));
                break;
            case "welcome":
                (values["statusUrl"], values["shareUrl"]) = (links.Status(Need(data, "statusToken")), links.Join(Need(data, "referralToken")));
                break;
            case "again" or "lapsed":
                values["statusUrl"] = links.Status(Need(data, "statusToken"));
                break;
            case "invitation" or "vip" or "reminder":
                (values["code"], values["signupUrl"]) = (Need(data, "code"), links.Signup(Need(data, "code")));
                break;
            case "rollout_held" or "mail_failed" or "webhook_disabled":
                (values["reason"], values["pageUrl"]) = (Need(data, "reason"), links.Admin((string?)data["path"] ?? "/rollout"));
                break;
        }

        return values;
    }

    private static string Need(JsonObject data, string key) => (string?)data[key] ?? throw new RefusedForGood($"The mail lacks its {key}.");

    private static string Html(string value) => WebUtility.HtmlEncode(value).ReplaceLineEndings("<br>");

    private static string Plain(string value) => string.Concat(value.ReplaceLineEndings("\n").Where(c => c == '\n' || !char.IsControl(c)));

    private static string OneLine(string value) => string.Concat(value.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? ' ' : c));
}
