using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Outbox;

/// <summary>The SMTP client against a server that speaks TLS, wants a sign-in, ends connections, and goes silent or says no at every stage.</summary>
public sealed class SmtpTalkTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private readonly SmtpServer _server = new();
    private readonly ScratchFolder _folder = new();
    private readonly List<Product> _products = [];

    public Task InitializeAsync() => _database.InitializeAsync();

    [Theory]
    [InlineData(false, "AUTH PLAIN LOGIN")]
    [InlineData(true, "AUTH LOGIN")]
    public async Task Deliver_OverTlsWithASignIn_IsSentAndThePasswordIsNeverInTheClear(bool fromTheFirstByte, string offered)
    {
        (_server.Certificate, _server.ImplicitTls) = (NewCertificate("localhost"), fromTheFirstByte);
        _server.Offers.AddRange([offered, "PIPELINING", "8BITMIME"]);
        var product = Product(("Host", "localhost"), ("User", "invites"), ("Password", "s3cret"), ("StartTls", "true"), ("ImplicitTls", fromTheFirstByte ? "true" : "false"), ("CaFile", CaFile()));
        await Queue(1);
        await Step(product);
        Assert.Equal("sent 1 ", await State());
        string[] expected = offered == "AUTH LOGIN" ? [Base64("invites"), Base64("s3cret")] : [$"AUTH PLAIN {Base64("\0invites\0s3cret")}"];
        Assert.All(expected, line => Assert.Contains(line, _server.Said));
        // Both sides of STARTTLS said EHLO; the sign-in came after the second.
        Assert.Equal(fromTheFirstByte ? 1 : 2, _server.Said.Count(l => l.StartsWith("EHLO", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Deliver_CertificateOfAnotherHostOrNobody_IsNotSpokenTo()
    {
        _server.Certificate = NewCertificate("elsewhere.example.com");
        var product = Product(("Host", "localhost"), ("User", "invites"), ("Password", "s3cret"), ("StartTls", "true"), ("CaFile", CaFile()));
        await Queue(1);
        await Step(product);
        Assert.StartsWith("pending 1 The mail server's certificate is not one for localhost", await State(), StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Said, l => l.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deliver_ServerWithoutStartTls_GetsNothing()
    {
        var product = Product(("StartTls", "true"));
        await Queue(1);
        await Step(product);
        Assert.StartsWith("pending 1 The mail server does not offer STARTTLS", await State(), StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Said, l => l.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CONNECT", "greeting")]
    [InlineData("GREETED", "EHLO")]
    [InlineData("AUTH", "AUTH")]
    [InlineData("MAIL", "MAIL")]
    [InlineData("RCPT", "RCPT")]
    [InlineData("DATA", "DATA")]
    [InlineData("DOT", "its receipt")]
    public async Task Deliver_ServerGoesSilent_IsGivenUpInTimeAndTriedAgain(string at, string named)
    {
        _server.Offers.Add("AUTH PLAIN");
        _server.SilentAt = at;
        var product = Product(("TimeoutSeconds", "1"), ("User", "invites"), ("Password", "s3cret"));
        await Queue(1);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Step(product);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 5);
        Assert.Equal($"pending 1 The mail server did not answer within 1 s ({named}).", await State());
        _server.SilentAt = null;
        await Due();
        await Step(product);
        Assert.StartsWith("sent 2", await State(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CONNECT", "554 not here", "pending 1 The mail server refused with 554 (greeting).")]
    [InlineData("AUTH", "535 wrong password", "pending 1 The mail server refused with 535 (AUTH).")]
    [InlineData("MAIL", "451 later", "pending 1 The mail server refused with 451 (MAIL).")]
    [InlineData("MAIL", "550 not this sender", "dead 1 The mail server refused with 550 (MAIL).")]
    [InlineData("RCPT", "421 closing", "pending 1 The mail server refused with 421 (RCPT).")]
    [InlineData("RCPT", "nonsense", "pending 1 The mail server does not speak SMTP (RCPT).")]
    [InlineData("DATA", "452 full", "pending 1 The mail server refused with 452 (DATA).")]
    [InlineData("DOT", "552 too big", "dead 1 The mail server refused with 552 (the message).")]
    public async Task Deliver_ServerSaysNo_5xxAboutTheMailIsFinalAndAllElseIsNot(string at, string reply, string state)
    {
        _server.Offers.Add("AUTH PLAIN");
        _server.Refuses[at] = reply;
        var product = Product(("User", "invites"), ("Password", "s3cret"));
        await Queue(1);
        await Step(product);
        Assert.Equal(state, await State());
    }

    [Fact]
    public async Task Deliver_ManyMails_ShareFewConnectionsThatAreRenewed_n200()
    {
        _server.Offers.Add("PIPELINING");
        var product = Product(("Connections", "3"), ("MailsPerConnection", "20"));
        await Queue(200);
        await Step(product);
        Assert.Equal("sent 1 ", await State());
        Assert.Equal(200, _server.MessageIds.Distinct().Count());
        Assert.InRange(_server.Talks.All, 10, 14);
        Assert.InRange(_server.Talks.AtOnce, 1, 4);
    }

    [Fact]
    public async Task Deliver_ServerThatEndsConnections_CostsNoMailATry_n30()
    {
        _server.MostOfTalk = 4;
        var product = Product(("Connections", "1"));
        await Queue(30);
        await Step(product);
        Assert.Equal("sent 1 ", await State());
        Assert.Equal(30, _server.Taken.Count);
    }

    [Fact]
    public async Task Deliver_WithAPace_KeepsIt_n11()
    {
        var product = Product(("MailsPerSecond", "20"));
        await Queue(11);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Step(product);
        Assert.True(clock.Elapsed.TotalSeconds >= 0.5, $"{clock.Elapsed}");
        Assert.Equal("sent 1 ", await State());
    }

    public async Task DisposeAsync()
    {
        foreach (var product in _products) await product.DisposeAsync();
        await _server.DisposeAsync();
        _server.Certificate?.Dispose();
        _folder.Dispose();
        await _database.DisposeAsync();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static X509Certificate2 NewCertificate(string host)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private string CaFile()
    {
        var file = Path.Combine(_folder.Path, "ca.pem");
        File.WriteAllText(file, _server.Certificate!.ExportCertificatePem());
        return file;
    }

    private Product Product(params (string Key, string Value)[] smtp)
    {
        (string Key, string Value)[] usual = [("Host", "127.0.0.1"), ("Port", _server.Port.ToString(CultureInfo.InvariantCulture)), ("StartTls", "false")];
        var product = new Product(_database, [("Mail:Channel", "smtp"), .. usual.ExceptBy(smtp.Select(s => s.Key), u => u.Key).Concat(smtp).Select(s => ($"Mail:Smtp:{s.Key}", s.Value))]);
        _products.Add(product);
        return product;
    }

    private Task Queue(int count) => _database.Execute($"INSERT INTO outbox (template, dedupe_key, recipient, payload) SELECT 'welcome', 'mail:' || i, 'ann' || i || '@example.com', '{{\"name\": \"Ann\", \"statusToken\": \"t\", \"referralToken\": \"r\"}}' FROM generate_series(1, {count}) i");

    private Task Due() => _database.Execute("UPDATE outbox SET due_at = now() WHERE state = 'pending'");

    private static async Task Step(Product product)
    {
        while (await product.One<OutboxDispatcher>().Step(default) > 0) { }
    }

    private Task<string> State() => _database.Scalar<string>("SELECT string_agg(DISTINCT state || ' ' || attempts || ' ' || coalesce(last_error, ''), ', ') FROM outbox");
}
