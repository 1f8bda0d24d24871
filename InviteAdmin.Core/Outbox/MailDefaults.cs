namespace InviteAdmin.Outbox;

/// <summary>A template as its author writes it.</summary>
public sealed record TemplateSource(string Subject, string Html, string Text);

/// <summary>A value that a template may use.</summary>
/// <param name="Needed">Without it the mail misses its point.</param>
/// <param name="MayMiss">Not every such mail has it, so that it wants a fallback or a section.</param>
public sealed record TemplateVariable(string Name, string What, string Sample, bool Needed = false, bool MayMiss = false);

/// <summary>A mail that the product sends: what it is called by staff, when it goes out, its variables and the text it ships with.</summary>
/// <param name="ToStaff">It goes to colleagues, not to people on the list.</param>
public sealed record TemplateKind(string Name, string Title, string When, IReadOnlyList<TemplateVariable> Variables, TemplateSource Shipped, bool ToStaff = false);

/// <summary>The shipped templates: they need no editing to launch.</summary>
public static class MailDefaults
{
    private const string SampleToken = "3k7sample0000000000000000000000";
    private static readonly TemplateVariable Name = new("name", "The person's name", "Ann Example", MayMiss: true);
    private static readonly TemplateVariable Product = new("product", "Your product's name", "Example");
    private static readonly TemplateVariable Unsubscribe = new("unsubscribeUrl", "Where the reader stops all mail; the headers carry it too", "https://example.com/unsubscribe/sample", MayMiss: true);
    private static readonly TemplateVariable Status = new("statusUrl", "The person's own page", $"https://example.com/waitlist/status/{SampleToken}", Needed: true);
    private static readonly TemplateVariable Signup = new("signupUrl", "Where the code is redeemed", "https://example.com/signup?code=ABCD-EFGH-JKMN", Needed: true);
    private static readonly TemplateVariable Code = new("code", "The invitation's code", "ABCD-EFGH-JKMN", Needed: true);
    private static readonly TemplateVariable EndsOn = new("endsOn", "The day the code ends", "7 December", MayMiss: true);

    /// <summary>In the order the Emails page lists them.</summary>
    public static readonly IReadOnlyList<TemplateKind> All =
    [
        Kind("confirm", "Confirm your email", "As soon as somebody joins.", [new("confirmUrl", "Where the address is confirmed", $"https://example.com/waitlist/confirm/{SampleToken}", Needed: true)], new(
            "Confirm your email for {{product}}", "One click, and your place counts.", ["Hi {{name|there}},", "you asked for a place on the {{product}} waitlist. Confirm that this address is yours, and your place counts."],
            "Confirm my email", "{{confirmUrl}}", ["If this was not you, ignore this mail; nothing more will follow."], Unsubscribe: false)),
        Kind("welcome", "You are on the list", "When the address is confirmed.", [Status, new("shareUrl", "The person's own link to share", "https://example.com/waitlist?ref=sample", Needed: true), Unsubscribe], new(
            "You are on the {{product}} waitlist", "Your place is safe.", ["Hi {{name|there}},", "your place on the {{product}} waitlist is safe. Your page shows how many are ahead of you.",
                "Share your own link and move up with every friend who confirms: {{shareUrl}}"], "See my place", "{{statusUrl}}", ["The page is yours alone; share the link above, not the page."])),
        Kind("again", "Your place, asked for again", "When somebody on the list joins again.", [Status], new(
            "Your place at {{product}}", "You have a place already.", ["Hi {{name|there}},", "you asked for a place on the {{product}} waitlist again. You have one already; your page shows how it stands."],
            "See my place", "{{statusUrl}}", ["If this was not you, ignore this mail; nothing has changed."], Unsubscribe: false)),
        Kind("invitation", "Invitation", "When a cohort is released.", [Code, Signup, EndsOn, Unsubscribe], new(
            "Your invitation to {{product}}", "Your turn has come.", ["Hi {{name|there}},", "your turn has come: here is your invitation to {{product}}.", "Your code: {{code}}"],
            "Sign up", "{{signupUrl}}", ["The code works once. After that it is used up, and if it stays unused for too long your place goes to the next person."])),
        Kind("vip", "VIP code", "When somebody is given a VIP code.", [Code, Signup, EndsOn, Unsubscribe], new(
            "Your personal invitation to {{product}}", "A code of your own.", ["Hi {{name|there}},", "this is your personal invitation to {{product}}, with a code of your own{{#endsOn}}. It ends on {{endsOn}}{{/endsOn}}.", "Your code: {{code}}"],
            "Sign up", "{{signupUrl}}", ["The code works once and is meant for you alone."])),
        Kind("reminder", "Reminder of an invitation", "Before an unused invitation ends.", [Code, Signup, EndsOn, Unsubscribe], new(
            "Your invitation to {{product}} ends soon", "It is still unused.", ["Hi {{name|there}},", "your invitation to {{product}} is still unused{{#endsOn}} and ends on {{endsOn}}{{/endsOn}}.", "Your code: {{code}}"],
            "Sign up", "{{signupUrl}}", ["If you no longer want it, do nothing: your place goes to the next person."])),
        Kind("lapsed", "Invitation ran out", "When an unused invitation has ended.", [Status, Unsubscribe], new(
            "Your invitation to {{product}} has run out", "You are back on the list.", ["Hi {{name|there}},", "nobody used your invitation in time, so it has ended. You are back on the waitlist at your old place and will be invited once more."],
            "See my place", "{{statusUrl}}", [])),
        Kind("registered", "Welcome, with codes", "When somebody has signed up.", [new("codes", "Their own codes, one a line", "ABCD-EFGH-JKMN\nPQRS-TVWX-YZ23", MayMiss: true), Unsubscribe], new(
            "Welcome to {{product}}", "You are in.", ["Hi {{name|there}},", "you are in. Invite friends with your own codes; each works once:", "{{codes|They are in your account.}}"], null, null, ["Whoever signs up with one of them counts for you."])),
        Kind("referral_milestone", "Milestone reached", "When enough people came through a member.", [new("count", "How many people they brought", "5", Needed: true), new("newInvites", "How many codes they get", "3", Needed: true), Unsubscribe], new(
            "You brought {{count}} people to {{product}}", "Thank you.", ["Hi {{name|there}},", "{{count}} people have joined {{product}} through you. Thank you. Here are {{newInvites}} more invitations, ready in your account."], null, null, [])),
        Staff("rollout_held", "Rollout held, to staff", "When the rollout is held.", new(
            "The {{product}} rollout is held", "Invitations wait.", ["Hi {{name|there}},", "{{reason}}", "Invitations wait until that changes or somebody lets the rollout go on."], "Look at the rollout", "{{pageUrl}}", [], Unsubscribe: false)),
        Staff("mail_failed", "Mail failed, to staff", "When mail could not be delivered, at most once an hour.", new(
            "{{product}} mail has failed", "Some mail did not leave.", ["Hi {{name|there}},", "{{reason}}", "Nothing is lost: each can be tried again from the Emails page."], "Look at the mail", "{{pageUrl}}", [], Unsubscribe: false)),
        Staff("webhook_disabled", "Webhook switched off, to staff", "When a webhook's address is gone, or has failed for three days.", new(
            "A webhook of {{product}} was switched off", "Nothing more is sent to it.", ["Hi {{name|there}},", "{{reason}}", "Nothing more is sent to it. Switch it on again when it is well, and replay what happened meanwhile."], "Look at the webhook", "{{pageUrl}}", [], Unsubscribe: false)),
    ];

    private static readonly Dictionary<string, TemplateKind> ByName = All.ToDictionary(k => k.Name, StringComparer.Ordinal);

    public static TemplateKind? Find(string name) => ByName.GetValueOrDefault(name);

    private static TemplateKind Kind(string name, string title, string when, TemplateVariable[] own, Letter letter) => new(name, title, when, [Name, Product, .. own], MailLayout.Of(letter));

    private static TemplateKind Staff(string name, string title, string when, Letter letter) => new(
        name, title, when, [Name, Product, new("reason", "What happened, in a sentence", "Conversion of cohort 6 is 12 %, below the 30 % of its gate.", Needed: true), new("pageUrl", "The page that shows it", "https://example.com/admin", Needed: true)],
        MailLayout.Of(letter), ToStaff: true);
}
