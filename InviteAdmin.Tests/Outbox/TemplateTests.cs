using InviteAdmin.Outbox;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Outbox;

/// <summary>Templates: the small language, what is said before one is published, and that mail is made from the version in force when it leaves.</summary>
public sealed class TemplateTests : IAsyncLifetime
{
    private const string Nasty = "<img src=x onerror=alert(1)>\r\nBcc: victim@example.com \"'&{{code}}";
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, ("App:ProductName", "Acme & Co"));
    }

    public static IEnumerable<object[]> Kinds => MailDefaults.All.Select(k => new object[] { k.Name });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Shipped_EveryOne_IsFreeOfProblemsAndKeepsANameAName(string name)
    {
        var kind = MailDefaults.Find(name)!;
        Assert.Empty(TemplateCheck.Of(kind, kind.Shipped));
        var values = kind.Variables.ToDictionary(v => v.Name, v => v.Sample, StringComparer.Ordinal);
        values["name"] = Nasty;
        var mail = MailTemplates.Render(CompiledTemplate.Of(0, kind.Shipped), values);
        Assert.DoesNotContain("<img", mail.Html, StringComparison.Ordinal);
        Assert.Contains("Hi &lt;img src=x onerror=alert(1)&gt;<br>Bcc", mail.Html, StringComparison.Ordinal);
        Assert.Contains("{{code}}", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', mail.Subject);
        Assert.DoesNotContain("{{", mail.Html.Replace("{{code}}", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(kind.Variables.Any(v => v.Name == "unsubscribeUrl"), mail.Html.Contains("/unsubscribe/", StringComparison.Ordinal));
        values["name"] = "";
        Assert.Contains("Hi there,", MailTemplates.Render(CompiledTemplate.Of(0, kind.Shipped), values).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hi {{name|there}}{{#code}}, {{code}}{{/code}}.", "Hi Ann.", null)]
    [InlineData("{{ name }} {{none|else}}{{none}}!", "Ann else!", null)]
    [InlineData("{ name } }} {", "{ name } }} {", null)]
    [InlineData("a\nHi {{name", null, "text 2: A {{ is not closed: }} is missing.")]
    [InlineData("Hi {{name {{name}}", null, "text 1: A {{ is not closed: }} is missing.")]
    [InlineData("{{#code}} {{name}}", null, "text 1: {{#code}} is never closed: {{/code}} is missing.")]
    [InlineData("{{/code}}", null, "text 1: {{/code}} closes what is not open.")]
    [InlineData("{{#code}}{{#name}}{{/code}}{{/name}}", null, "text 1: {{/code}} closes what is not open.")]
    [InlineData("{{name.Length}}", null, "text 1: “{{name.Length}}” is not a variable. Write {{name}}, {{name|there}} or {{#name}} … {{/name}}.")]
    public void Parse_TheLanguage_SaysWhatIsWrongAndOtherwiseRenders(string source, string? rendered, string? problem)
    {
        var text = TemplateText.Parse("text", source);
        Assert.Equal(problem, text.Problems.Select(p => $"{p.Part} {p.Line}: {p.Sentence}").FirstOrDefault());
        if (rendered is not null) Assert.Equal(rendered, text.Render(new Dictionary<string, string> { ["name"] = "Ann", ["code"] = "" }, v => v));
    }

    [Theory]
    [InlineData("<p>{{code}} <a href=\"{{signupUrl}}\">x</a></p>", "")]
    [InlineData("<table><tr><td>{{code}} <a href=\"{{signupUrl}}\">x</a></td></tr>", "<table> is never closed.")]
    [InlineData("<b><i>{{code}}</b> <a href=\"{{signupUrl}}\">x</a>", "<i> is never closed.")]
    [InlineData("{{code}} <a href=\"\">x</a>", "{{signupUrl}} is missing: where the code is redeemed. Without it the mail misses its point.|A link leads nowhere: its address is empty.")]
    [InlineData("{{code}} {{signupUrl}} <a href='/signup'>x</a>", "A link leads nowhere: an address in a mail begins with https://.")]
    [InlineData("{{code}} {{signupUrl}} <a href=\"{{name|x}}\">x</a>", "A link leads nowhere: {{name}} is not an address.")]
    [InlineData("{{code}} {{signupUrl}} {{name}} {{nickname|x}}", "{{name}} is not there for everybody. Give it a fallback, like {{name|there}}.|{{nickname}} is not a variable of this mail and stays empty.")]
    [InlineData("{{code}} {{signupUrl}} <script>1</script>", "! A mail cannot run scripts, and a mail with one is taken for an attack.")]
    public void Check_OfAnInvitation_NamesWhatIsWrong(string html, string expected)
    {
        var kind = MailDefaults.Find("invitation")!;
        Assert.Equal(expected, string.Join('|', TemplateCheck.Of(kind, new("Hello", html, "{{code}} {{signupUrl}}")).Select(p => (p.Stops ? "! " : "") + p.Sentence)));
    }

    [Fact]
    public void Check_OfALargeMail_SaysThatItIsCutOff() =>
        Assert.Contains(TemplateCheck.Of(MailDefaults.Find("lapsed")!, new("Hello", "{{statusUrl}}" + new string('x', 103 * 1024), "{{statusUrl}}")), p => p.Sentence.StartsWith("The HTML has 103 KB", StringComparison.Ordinal));

    [Fact]
    public async Task Publish_ANewVersion_HoldsForMailThatLeavesFromThenOnAndWhatWasSentStays()
    {
        await Mail("first");
        await Drain();
        Assert.Equal(1, (await Save(new("News for {{name|you}}", "<p>{{statusUrl}} {{shareUrl}}</p>", "{{statusUrl}} {{shareUrl}}"), 0)).Must());
        await Mail("second");
        Assert.Equal(1, (await Publish(1)).Must());
        await Drain();
        Assert.Equal("stale-edit", (await Save(new("Mine", "x", "x"), 0)).Failure?.Slug);
        Assert.Equal(2, (await Save(new("Mine {{name", "x", "x"), 1)).Must());
        var refused = Assert.IsType<TemplateStops>((await Publish(2)).Failure);
        Assert.Contains("}} is missing", refused.Detail, StringComparison.Ordinal);
        Assert.Equal("not-found", (await Publish(9)).Failure?.Slug);
        Assert.Equal(0, (await Publish(0)).Must());
        await Mail("third");
        await Drain();
        Assert.Equal("0 You are on the Acme & Co waitlist|1 News for Ann|0 You are on the Acme & Co waitlist",
            await _database.Scalar<string>("SELECT string_agg(o.template_version || ' ' || m.subject, '|' ORDER BY o.id) FROM outbox o JOIN mailbox m ON m.outbox_id = o.id"));
        await _database.Execute("DELETE FROM mailbox");
        var second = await _product.One<OutboxQueries>().One(await _database.Scalar<long>("SELECT id FROM outbox WHERE dedupe_key = 'second'"), default);
        Assert.Equal("News for Ann", second.Must().Mail!.Subject);
        Assert.Equal(2 + 2, await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action LIKE 'template.%'"));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<Outcome<int>> Save(TemplateSource source, int basedOn) => _product.Do<ChangeTemplate, Outcome<int>>(c => c.Save(Product.Owner, "welcome", source, basedOn, default));

    private Task<Outcome<int>> Publish(int version) => _product.Do<ChangeTemplate, Outcome<int>>(c => c.Publish(Product.Owner, "welcome", version, default));

    private Task Mail(string key) => _database.Execute($"INSERT INTO outbox (template, dedupe_key, recipient, payload) VALUES ('welcome', '{key}', 'ann@example.com', '{{\"name\": \"Ann\", \"statusToken\": \"t\", \"referralToken\": \"r\"}}')");

    private async Task Drain()
    {
        while (await _product.One<OutboxDispatcher>().Step(default) > 0) { }
    }
}
