using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Api;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Tests.Public;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Api;

/// <summary>What providers post, signed as the real side signs; and the unsubscribe page over HTTP.</summary>
public sealed class MailEventCallsTests(MailEventCallsTests.ProvidersApp app) : IClassFixture<MailEventCallsTests.ProvidersApp>
{
    private const string CertificateUrl = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem";

    [Fact]
    public async Task Generic_OneOrMany_AreTakenOnceAndBadOnesNamed()
    {
        using var api = await ApiClient.With(app, Scope.Manage);
        var one = new { type = "bounce", email = "gen1@example.com", at = "2026-11-20T09:30:00Z", reason = "550 no such mailbox" };
        Assert.Equal("""{"taken":1,"repeated":0}""", (await api.Post("/mail/events", one)).Text);
        Assert.Equal("""{"taken":1,"repeated":1}""", (await api.Post("/mail/events", new object[] { one, new { type = "unsubscribe", email = "gen2@example.com" } })).Text);
        var wrong = (await api.Post("/mail/events", new object[] { new { type = "opened", email = "gen3@example.com" }, new { type = "bounce" }, new { type = "bounce", email = "no", kind = "medium", at = "yesterday" }, 7 })).Problem(422, "validation");
        Assert.Equal("[0].type,[1].email,[2].email,[2].kind,[2].at,[3]", string.Join(',', wrong.GetProperty("errors").EnumerateObject().Select(e => e.Name)));
        (await api.PostText("/mail/events", "[{")).Problem(400, "malformed-json");
        Assert.Equal("gen1 bounced, gen2 unsubscribed", await Suppressed("gen1", "gen2", "gen3"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Ses_SignedNotification_IsTakenAndAnythingElseIsNot(string version)
    {
        var name = $"ses{version}";
        var inner = JsonSerializer.Serialize(new
        {
            notificationType = "Bounce",
            bounce = new { bounceType = "Permanent", feedbackId = $"feedback-{version}", timestamp = "2026-11-20T09:30:00.000Z", bouncedRecipients = new[] { new { emailAddress = $"{name}@example.com", diagnosticCode = "smtp; 550" } } },
            mail = new { messageId = "0102" },
        });
        var signed = Sns("Notification", inner, version);
        Assert.Equal("""{"taken":1,"repeated":0}""", await (await Post("ses", signed)).Content.ReadAsStringAsync());
        Assert.Equal("""{"taken":0,"repeated":1}""", await (await Post("ses", signed)).Content.ReadAsStringAsync());
        Assert.Equal($"{name} bounced", await Suppressed(name, "evil"));
        foreach (var forged in (string[])
            [signed.Replace(name, "evil", StringComparison.Ordinal), signed.Replace("sns.eu-central-1.amazonaws.com", "sns.eu-central-1.amazonaws.com.example.com", StringComparison.Ordinal),
             signed.Replace("https://sns", "http://sns", StringComparison.Ordinal), signed.Replace(ProvidersApp.Topic, ProvidersApp.Topic + "x", StringComparison.Ordinal), Sns("Notification", inner, version, topic: ProvidersApp.Topic + "x"),
             signed.Replace("\"SignatureVersion\":\"" + version, "\"SignatureVersion\":\"3", StringComparison.Ordinal), signed.Replace("\"Signature\":\"", "\"Signature\":\"AAAA", StringComparison.Ordinal)])
            Assert.Equal(HttpStatusCode.Unauthorized, (await Post("ses", forged)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("ses", "{")).StatusCode);
    }

    [Fact]
    public async Task Ses_SubscriptionConfirmation_IsConfirmedAtAmazonOnly()
    {
        app.Asked.Clear();
        Assert.Equal(HttpStatusCode.OK, (await Post("ses", Sns("SubscriptionConfirmation", "You have chosen to subscribe.", "2", "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Post("ses", Sns("SubscriptionConfirmation", "You have chosen to subscribe.", "2", "https://169.254.169.254/latest/meta-data"))).StatusCode);
        Assert.Equal(["https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"], app.Asked.Where(a => a != CertificateUrl));
    }

    [Fact]
    public async Task Postmark_WithItsPassword_IsTakenAndWithoutIsNot()
    {
        const string body = """{"RecordType":"Bounce","ID":42,"Type":"HardBounce","Email":"pm1@example.com","BouncedAt":"2026-11-20T09:30:00Z","Inactive":true,"Description":"The server was unable to deliver."}""";
        foreach (var password in (string?[])[null, "wrong", ""])
            Assert.Equal(HttpStatusCode.Unauthorized, (await Post("postmark", body, password is null ? null : Basic(password))).StatusCode);
        Assert.Equal("""{"taken":1,"repeated":0}""", await (await Post("postmark", body, Basic("s3cret"))).Content.ReadAsStringAsync());
        Assert.Equal("""{"taken":0,"repeated":1}""", await (await Post("postmark", body, Basic("s3cret"))).Content.ReadAsStringAsync());
        Assert.Equal("""{"taken":1,"repeated":0}""", await (await Post("postmark", """{"RecordType":"SpamComplaint","ID":43,"Email":"pm2@example.com","BouncedAt":"2026-11-20T09:30:00Z"}""", Basic("s3cret"))).Content.ReadAsStringAsync());
        Assert.Equal("""{"taken":1,"repeated":0}""", await (await Post("postmark", """{"RecordType":"Bounce","ID":44,"Type":"SoftBounce","Email":"pm3@example.com","BouncedAt":"2026-11-20T09:30:00Z","Inactive":false}""", Basic("s3cret"))).Content.ReadAsStringAsync());
        Assert.Equal("""{"taken":0,"repeated":0}""", await (await Post("postmark", """{"RecordType":"Delivery","Recipient":"pm4@example.com"}""", Basic("s3cret"))).Content.ReadAsStringAsync());
        Assert.Equal("pm1 bounced, pm2 complained", await Suppressed("pm1", "pm2", "pm3", "pm4"));
    }

    [Fact]
    public async Task SendGrid_SignedBatch_IsTakenAndChangedOrOldOnesAreNot()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var batch = $$"""
            [{"email":"sg1@example.com","timestamp":{{now}},"event":"bounce","type":"bounce","sg_event_id":"a1","reason":"550"},{"email":"sg2@example.com","timestamp":{{now}},"event":"bounce","type":"blocked","sg_event_id":"a2"},
             {"email":"sg3@example.com","timestamp":{{now}},"event":"spamreport","sg_event_id":"a3"},{"email":"sg4@example.com","timestamp":{{now}},"event":"open","sg_event_id":"a4"},{"email":"sg5@example.com","timestamp":{{now}},"event":"unsubscribe","sg_event_id":"a5"}]
            """;
        Assert.Equal("""{"taken":4,"repeated":0}""", await (await SendGrid(batch, now)).Content.ReadAsStringAsync());
        Assert.Equal("""{"taken":0,"repeated":4}""", await (await SendGrid(batch, now)).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendGrid(batch, now, batch.Replace("sg1", "evil", StringComparison.Ordinal))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendGrid(batch, now - 3_600)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("sendgrid", batch)).StatusCode);
        Assert.Equal("sg1 bounced, sg3 complained, sg5 unsubscribed", await Suppressed("sg1", "sg2", "sg3", "sg4", "sg5", "evil"));
    }

    [Fact]
    public async Task UnsubscribePage_LookingChangesNothing_AOneClickPostActsWithoutCookiesAndCanBeTakenBack()
    {
        var path = $"/unsubscribe/{await app.Services.GetRequiredService<UnsubscribeLinks>().Token("click@example.com", default)}";
        using var reader = new FormClient(app);
        for (var i = 0; i < 2; i++) (await reader.Get(path)).Expect(200, "Stop all mail?", "Stop all mail");
        Assert.Equal("", await Suppressed("click"));
        for (var i = 0; i < 2; i++)
        {
            // As a mail program posts: one field, no cookie, nothing of ours before it.
            using var client = app.NewHttpClient();
            using var answer = await client.PostAsync(path, new FormUrlEncodedContent([KeyValuePair.Create("List-Unsubscribe", "One-Click")]));
            (await Page.Of(answer)).Expect(200, "You are unsubscribed", "mail me again");
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }

        Assert.Equal("click unsubscribed", await Suppressed("click"));
        (await reader.Get(path)).Expect(200, "You are unsubscribed");
        (await reader.Post($"{path}/undo", new FormUrlEncodedContent([]))).Expect(200, "You get mail again");
        Assert.Equal("", await Suppressed("click"));
        (await reader.Post("/unsubscribe/wrong", new FormUrlEncodedContent([]))).Expect(404, "This link is not known");
        (await reader.Get($"{path}/undo")).Expect(404);
    }

    private static AuthenticationHeaderValue Basic(string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"hook:{password}")));

    private async Task<HttpResponseMessage> Post(string provider, string body, AuthenticationHeaderValue? proof = null, params (string Name, string Value)[] headers)
    {
        using var client = app.NewHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/mail/events/{provider}") { Content = new StringContent(body, Encoding.UTF8, provider == "ses" ? "text/plain" : "application/json") };
        request.Headers.Authorization = proof;
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        var answer = await client.SendAsync(request);
        await answer.Content.LoadIntoBufferAsync();
        return answer;
    }

    private Task<HttpResponseMessage> SendGrid(string body, long timestamp, string? sent = null)
    {
        var text = timestamp.ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(ProvidersApp.SendGridKey.SignData(Encoding.UTF8.GetBytes(text + body), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        return Post("sendgrid", sent ?? body, null, ("X-Twilio-Email-Event-Webhook-Timestamp", text), ("X-Twilio-Email-Event-Webhook-Signature", signature));
    }

    /// <summary>A message of Amazon SNS, signed over its canonical text.</summary>
    private static string Sns(string type, string message, string version, string? subscribe = null, string topic = ProvidersApp.Topic)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["Type"] = type, ["MessageId"] = "m-1", ["TopicArn"] = topic, ["Message"] = message, ["Timestamp"] = "2026-11-20T09:30:00.000Z" };
        if (subscribe is not null) (fields["SubscribeURL"], fields["Token"]) = (subscribe, "abc");
        var canonical = Encoding.UTF8.GetBytes(string.Concat(fields.Select(f => $"{f.Key}\n{f.Value}\n")));
        fields["Signature"] = Convert.ToBase64String(ProvidersApp.SnsKey.SignData(canonical, version == "1" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        (fields["SignatureVersion"], fields["SigningCertURL"]) = (version, CertificateUrl);
        return JsonSerializer.Serialize(fields);
    }

    private async Task<string> Suppressed(params string[] names)
    {
        var found = new List<string>();
        foreach (var name in names)
        {
            var standing = await app.Services.GetRequiredService<SuppressionQueries>().Of($"{name}@example.com", default);
            if (standing.Suppression is { } row) found.Add($"{name} {row.Reason}");
        }

        return string.Join(", ", found);
    }

    /// <summary>The app with all three providers set up, and Amazon's hosts played by the test.</summary>
    public sealed class ProvidersApp : RunningApp
    {
        internal const string Topic = "arn:aws:sns:eu-central-1:123456789012:mail";
        internal static readonly ECDsa SendGridKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        internal static readonly RSA SnsKey = RSA.Create(2048);

        internal System.Collections.Concurrent.ConcurrentQueue<string> Asked { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Mail:Events:SesTopicArn", Topic);
            builder.UseSetting("Mail:Events:PostmarkUser", "hook");
            builder.UseSetting("Mail:Events:PostmarkPassword", "s3cret");
            builder.UseSetting("Mail:Events:SendGridPublicKey", Convert.ToBase64String(SendGridKey.ExportSubjectPublicKeyInfo()));
        }

        protected override void Replace(IServiceCollection services) => services.AddHttpClient(Outward.Client).ConfigurePrimaryHttpMessageHandler(() => new Amazon(Asked));

        private sealed class Amazon(System.Collections.Concurrent.ConcurrentQueue<string> asked) : HttpMessageHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                asked.Enqueue(request.RequestUri!.AbsoluteUri);
                var made = new CertificateRequest("CN=sns.amazonaws.com", SnsKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
                return Task.FromResult(new HttpResponseMessage { Content = new StringContent(made.ExportCertificatePem()) });
            }
        }
    }
}
