using System.Net;
using InviteAdmin.Results;
using InviteAdmin.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Tests.Webhooks;

/// <summary>What a webhook must not reach: by its address, by a name that lies, and by a redirect.</summary>
public sealed class AddressGuardTests
{
    private static readonly string[] Closed =
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.1.2.3", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
        "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "100.100.100.200",
        "168.63.129.16", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:192.168.1.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "100::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%1", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "2001::1", "2001:10::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "3fff::1",
        "5f00::1",
    ];

    private static readonly string[] Open = ["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700::1111", "2a00:1450::1"];

    [Fact]
    public void IsOpen_PrivateSpecialAndMetadataAddresses_AreClosedAndPublicOnesOpen_n70()
    {
        Assert.Equal(70, Closed.Length + Open.Length);
        Assert.DoesNotContain(Closed, a => AddressGuard.IsOpen(IPAddress.Parse(a), allowLoopback: false));
        Assert.All(Open, a => Assert.True(AddressGuard.IsOpen(IPAddress.Parse(a), allowLoopback: false), a));
        Assert.Equal(["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"], Closed.Where(a => AddressGuard.IsOpen(IPAddress.Parse(a), allowLoopback: true)));
    }

    [Theory]
    [InlineData("", "needed")]
    [InlineData("example.com", "web address")]
    [InlineData("ftp://example.com/", "begin with https")]
    [InlineData("http://example.com/", "begin with https")]
    [InlineData("https://ann:secret@example.com/", "user name or password")]
    [InlineData("https://example.com/#part", "fragment")]
    [InlineData("https://example.com:25/", "port 443")]
    [InlineData("https://example.com:80/", "port 443")]
    [InlineData("https://169.254.169.254/latest/meta-data", "private or special")]
    [InlineData("https://2852039166/", "private or special")]
    [InlineData("https://0x7f.1/", "private or special")]
    [InlineData("https://[::1]/", "private or special")]
    [InlineData("https://[::ffff:10.0.0.1]:8443/", "private or special")]
    [InlineData("https://metadata.example.com/", "private or special")]
    [InlineData("https://mixed.example.com/", "private or special")]
    [InlineData("https://nowhere.example.com/", "cannot be found")]
    [InlineData("https://example.com/hooks?team=1", null)]
    [InlineData("https://example.com:8443/", null)]
    public async Task Address_WhenAdded_IsRefusedWithItsReason(string url, string? why)
    {
        var outcome = await Addresses(host => host switch
        {
            "metadata.example.com" => ["169.254.169.254"], "mixed.example.com" => ["1.1.1.1", "10.0.0.1"], "nowhere.example.com" => [], _ => ["1.1.1.1"],
        }).Check(url, default);
        if (why is null) Assert.Equal(url, outcome.Must());
        else Assert.Contains(why, Assert.IsType<Invalid>(outcome.Failure).Fields["url"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_ThatTurnsPrivateAfterItWasAdded_IsNotConnectedTo()
    {
        await using var receiver = await WebhookReceiver.Start();
        var looks = 0;
        // Public at the first look, this machine at every later one.
        var addresses = Addresses(_ => Interlocked.Increment(ref looks) == 1 ? ["1.1.1.1"] : ["127.0.0.1"], http: true);
        var url = receiver.Url().Replace("127.0.0.1", "rebinding.example.com", StringComparison.Ordinal);
        Assert.True((await addresses.Check(url, default)).Succeeded);

        using var client = new WebhookClient(addresses, Options.Create(new WebhooksOptions()), TimeProvider.System);
        var answer = await client.Post(url, "evt_1", DateTimeOffset.UnixEpoch, "v1,x", "{}", default);

        Assert.Equal((2, null, "Its host now belongs to a private or special network, which webhooks must not reach."), (looks, answer.Status, answer.Error));
        Assert.Empty(receiver.Taken);
    }

    [Fact]
    public async Task Redirect_ToTheMetadataAddress_IsNotFollowedAndFails()
    {
        await using var receiver = await WebhookReceiver.Start();
        receiver.Answer = (_, context) => { context.Response.Redirect("http://169.254.169.254/latest/meta-data"); return Task.CompletedTask; };
        var asked = new List<string>();
        var addresses = Addresses(host => { asked.Add(host); return ["127.0.0.1"]; }, http: true, loopback: true);
        using var client = new WebhookClient(addresses, Options.Create(Settings(true, true)), TimeProvider.System);

        var answer = await client.Post(receiver.Url().Replace("127.0.0.1", "hooks.example.com", StringComparison.Ordinal), "evt_1", DateTimeOffset.UnixEpoch, "v1,x", "{}", default);

        Assert.Equal((302, "It answered 302: redirects are not followed.", false), (answer.Status, answer.Error, answer.Succeeded));
        Assert.Equal(["hooks.example.com"], asked);
    }

    [Fact]
    public async Task Answer_ThatNeverEnds_IsKeptToFourKilobytesOfText()
    {
        await using var receiver = await WebhookReceiver.Start();
        receiver.Answer = async (_, context) => { for (var i = 0; i < 100; i++) await context.Response.WriteAsync(new string('x', 1_000) + "\0"); };
        using var client = new WebhookClient(Addresses(_ => ["127.0.0.1"], http: true, loopback: true), Options.Create(Settings(true, true)), TimeProvider.System);

        var answer = await client.Post(receiver.Url(), "evt_1", DateTimeOffset.UnixEpoch, "v1,x", "{}", default);

        Assert.True(answer.Succeeded);
        Assert.Equal(4_096, answer.Text!.Length);
        Assert.DoesNotContain('\0', answer.Text);
    }

    private static WebhookAddress Addresses(Func<string, string[]> resolve, bool http = false, bool loopback = false) =>
        new(Options.Create(Settings(http, loopback)), (host, _) => Task.FromResult(resolve(host).Select(IPAddress.Parse).ToArray()));

    private static WebhooksOptions Settings(bool http, bool loopback)
    {
        var options = new WebhooksOptions { AllowLoopback = loopback };
        if (http) options.InDevelopment();
        return options;
    }
}
