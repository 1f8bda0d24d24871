using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>The five main jobs without a mouse: invite, mint, resend, revoke, reward; each taken back the same way. Where the focus is can always be seen.</summary>
[Collection(BrowserCollection.Name)]
public sealed class KeyboardTests(Chromium chromium, DemoApp demo) : IClassFixture<DemoApp>
{
    private const int MostTabs = 250;

    [Fact]
    public async Task Invite_ThreePeople_AndUndo()
    {
        await using var visitor = await As(Role.Growth, "/admin");
        var page = visitor.Page;

        await page.Keyboard.PressAsync("n");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Invite next…");
        await TabTo(page, "How many people");
        await Type(page, "3");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("p.sentence")).ToContainTextAsync("3 people will be invited");
        await Press(page, "Invite 3 people…");
        await Press(page, "Invite 3 people");
        await Expect(page.Locator(".undo")).ToContainTextAsync("3 people invited.", new() { Timeout = 15_000 });
        await Press(page, "Undo");

        await Expect(page.Locator(".undo")).ToContainTextAsync("3 people wait again at their old place.");
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Mint_AWord()
    {
        await using var visitor = await As(Role.Growth, "/admin");
        var page = visitor.Page;

        await page.Keyboard.PressAsync("Control+k");
        await Type(page, "campaigns");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Campaigns");
        await Press(page, "Mint codes…");
        await TabTo(page, "Name");
        await Type(page, "By hand");
        await TabTo(page, "Many codes, one use each");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        await TabTo(page, "Word");
        await Type(page, "byhand27");
        await Press(page, "Mint 1 code");

        await Expect(page.Locator("h1")).ToHaveTextAsync("By hand");
        Assert.Equal(1, await demo.App.Database.Scalar<long>("SELECT count(*) FROM invite_codes WHERE shown = 'BYHAND27'"));
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Resend_ToAPersonFoundByEmail_AndUndo()
    {
        var email = await demo.App.Database.Scalar<string>(
            "SELECT e.email FROM waitlist_entries e JOIN outbox o ON o.entry_id = e.id AND o.template = 'invitation' AND o.state = 'sent' JOIN invite_codes k ON k.entry_id = e.id AND k.status = 'active' AND k.used_count = 0 AND k.lapsed_at IS NULL AND k.expires_at > now() WHERE e.status = 'invited' ORDER BY e.id LIMIT 1");
        await using var visitor = await As(Role.Support, "/admin");
        var page = visitor.Page;

        await page.Keyboard.PressAsync("/");
        await Type(page, email.ToUpperInvariant());
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".sentence")).ToContainTextAsync("Invited");
        await Press(page, "Resend invitation");
        await Expect(page.Locator(".undo")).ToContainTextAsync("The invitation goes to");
        await Press(page, "Undo");

        await Expect(page.Locator(".undo")).ToContainTextAsync("Undone: nothing was sent again.");
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Revoke_ACode_AndUndo()
    {
        var code = await demo.App.Database.Scalar<string>("SELECT shown FROM invite_codes WHERE kind = 'campaign' AND status = 'active' AND used_count < max_uses AND expires_at > now() ORDER BY id DESC LIMIT 1");
        await using var visitor = await As(Role.Support, "/admin");
        var page = visitor.Page;

        await page.Keyboard.PressAsync("/");
        await Type(page, code);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync(code);
        await Press(page, "Revoke…");
        await TabTo(page, "Why, for your colleagues");
        await Type(page, "Posted in public.");
        await Press(page, "Revoke");
        await Expect(page.Locator(".undo")).ToContainTextAsync($"{code} is revoked.");
        await Press(page, "Undo");

        await Expect(page.Locator(".undo")).ToContainTextAsync($"{code} works again.");
        Assert.Equal("active", await demo.App.Database.Scalar<string>($"SELECT status FROM invite_codes WHERE shown = '{code}'"));
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Reward_TheTopReferrer_AndUndo()
    {
        await using var visitor = await As(Role.Growth, "/admin");
        var page = visitor.Page;

        await page.Keyboard.PressAsync("Control+k");
        await Type(page, "referrals");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Referrals");
        await Press(page, "Reward…");
        await TabTo(page, "Why, for your colleagues");
        await Type(page, "Brought half the town.");
        await Press(page, "Reward");
        await Expect(page.Locator(".undo")).ToContainTextAsync("has 25 more codes.");
        await Press(page, "Undo");

        await Expect(page.Locator(".undo")).ToContainTextAsync("its 25 codes have ended");
        Assert.Empty(visitor.Errors);
    }

    private async Task<Visitor> As(string role, string path)
    {
        var visitor = await chromium.NewVisitor(demo.App.Address);
        await visitor.SignIn(role);
        await visitor.OpenInteractive(path);
        return visitor;
    }

    private static async Task Press(IPage page, string name)
    {
        await TabTo(page, name);
        await page.Keyboard.PressAsync("Enter");
    }

    private static async Task Type(IPage page, string text)
    {
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.TypeAsync(text);
    }

    /// <summary>Goes on by the tabulator until what has the focus is called so, as its label, its name or its text without icons; a dialog that opens gets the focus first.</summary>
    private static async Task TabTo(IPage page, string name)
    {
        await page.WaitForTimeoutAsync(150);
        for (var tab = 0; tab < MostTabs; tab++)
        {
            if (await page.EvaluateAsync<string>(Called) == name)
            {
                Assert.True(await page.EvaluateAsync<bool>(Seen), $"Nobody sees that “{name}” has the focus.");
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"The tabulator does not come to “{name}” on {page.Url}.");
    }

    private const string Called =
        """
        () => {
          const at = document.activeElement;
          const text = e => [...e.childNodes].map(n => n.nodeType === 3 ? n.data : n.nodeType !== 1 || n.getAttribute('aria-hidden') === 'true' || n.classList.contains('rzi') ? '' : text(n)).join('');
          return (at.getAttribute('aria-label') ?? (at.labels?.length ? text(at.labels[0]) : text(at))).replace(/\s+/g, ' ').trim();
        }
        """;

    private const string Seen =
        "() => { const s = getComputedStyle(document.activeElement); return (s.outlineStyle !== 'none' && s.outlineWidth !== '0px') || s.boxShadow !== 'none'; }";
}
