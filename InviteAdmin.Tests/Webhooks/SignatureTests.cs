using System.Text.Json;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Webhooks;

namespace InviteAdmin.Tests.Webhooks;

/// <summary>Signatures as the specification's own library checks them, and secrets at rest and in rotation.</summary>
public sealed class SignatureTests : HookContext
{
    private const string Verify =
        """
        const { Webhook } = require('standardwebhooks');
        const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        const ok = c => { try { new Webhook(c.secret).verify(c.body, c.headers); return 'yes'; } catch (e) { return e.message; } };
        console.log(JSON.stringify(cases.map(ok)));
        """;

    [Fact]
    public async Task Signature_OfRealDeliveries_IsVerifiedByTheSpecificationsLibraryAlsoInRotation()
    {
        var hook = await Add();
        await Product.Waiting("zoë.ünïcode@example.com");
        await Deliver();
        var before = Receiver.Taken.ToArray();
        var rotated = (await Product.Do<ChangeWebhook, Outcome<NewWebhook>>(c => c.Rotate(Product.Owner, hook.Id, default))).Must();
        await Test(hook.Id);
        await Deliver();
        var both = Receiver.Taken.Last();
        await Database.Execute("UPDATE webhook_endpoints SET old_secret_until = now() - interval '1 second'");
        await Test(hook.Id);
        await Deliver();
        var after = Receiver.Taken.Last();

        Assert.Equal((1, 2, 1), (before[0].Signature.Split(' ').Length, both.Signature.Split(' ').Length, after.Signature.Split(' ').Length));
        Assert.All(Receiver.Taken, t => Assert.Equal("application/json; charset=utf-8", t.Headers["content-type"]));
        var verdicts = await Check(
            (hook.Secret, before[0]), (hook.Secret, before[1]), (rotated.Secret, before[0]), (hook.Secret, both), (rotated.Secret, both), (hook.Secret, after), (rotated.Secret, after),
            (rotated.Secret, after with { Body = after.Body.Replace("test", "tест", StringComparison.Ordinal) }), (rotated.Secret, after with { Headers = new Dictionary<string, string>(after.Headers) { ["webhook-id"] = "evt_other" } }));
        Assert.Equal(["yes", "yes", "No matching signature found", "yes", "yes", "No matching signature found", "yes", "No matching signature found", "No matching signature found"], verdicts);
    }

    [Fact]
    public async Task Secret_AtRest_IsEncryptedAndOfTheRightSize()
    {
        var hook = await Add();
        Assert.StartsWith("whsec_", hook.Secret, StringComparison.Ordinal);
        Assert.InRange(Convert.FromBase64String(hook.Secret[6..]).Length, 24, 64);
        var row = await Database.Scalar<string>("SELECT w::text || (SELECT string_agg(a::text, ' ') FROM audit_log a) FROM webhook_endpoints w");
        Assert.DoesNotContain(hook.Secret[6..], row, StringComparison.Ordinal);
        Assert.Equal(hook.Secret, Product.One<WebhookSecrets>().Reveal(await Database.Scalar<string>("SELECT secret FROM webhook_endpoints")));
    }

    private static async Task<string[]> Check(params (string Secret, ReceivedWebhook Taken)[] cases)
    {
        var input = JsonSerializer.Serialize(cases.Select(c => new { secret = c.Secret, body = c.Taken.Body, headers = c.Taken.Headers.Where(h => h.Key.StartsWith("webhook-", StringComparison.Ordinal)).ToDictionary() }));
        return JsonSerializer.Deserialize<string[]>(await NodeProgram.Run("standardwebhooks@1.0.0", Verify, input))!;
    }
}
