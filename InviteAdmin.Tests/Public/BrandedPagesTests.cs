using System.Net.Http.Headers;
using AngleSharp.Html.Parser;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Public;

/// <summary>What the public sees of the company: its pages in both languages, a shared link, and the widget on a site of its own.</summary>
[Collection(BrowserCollection.Name)]
public sealed class BrandedPagesTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    [Fact]
    public async Task Brand_SavedByStaff_IsOnEveryPageInBothLanguagesAndUnderASharedLink()
    {
        await SaveBrand(BrandValues.None);
        using var browser = new FormClient(app);
        var plain = Head((await browser.Get("/waitlist?ref=abc")).Expect(200, "Join the InviteAdmin waitlist"));
        Assert.EndsWith("/share.png", plain["og:image"], StringComparison.Ordinal);
        Assert.Equal(("summary_large_image", "Join the InviteAdmin waitlist"), (plain["twitter:card"], plain["og:title"]));
        using (var http = app.NewHttpClient()) Assert.Equal("image/png", (await http.GetAsync("/share.png")).EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType);

        var logo = await SaveBrand();
        await Upload(browser, "logo.svg", "<svg/>"u8.ToArray(), "section=brand&refused=type");
        await Upload(browser, "logo.png", Brand.Pictures.Png(400, 100), "section=brand");
        logo = (await app.Services.GetRequiredService<BrandRules>().Now(default)).Logo;

        var join = (await browser.Get("/waitlist?ref=abc&src=def")).Expect(200, "Be first <b>at</b> Acme", "Bea’s own words", "Join the waitlist", "Privacy", "Deutsch");
        var head = Head(join);
        Assert.Equal(("Be first <b>at</b> Acme", "Bea’s own words", "summary", "Acme"), (head["og:title"], head["og:description"], head["twitter:card"], head["og:site_name"]));
        // The link that is shared keeps who shared it, and all of it can be fetched by whoever shows it.
        Assert.EndsWith("/waitlist?ref=abc", head["og:url"], StringComparison.Ordinal);
        Assert.All(["og:url", "og:image"], name => Assert.True(Uri.TryCreate(head[name], UriKind.Absolute, out _)));
        Assert.EndsWith(logo!.Path, head["og:image"], StringComparison.Ordinal);
        var document = new HtmlParser().ParseDocument(join.Html);
        Assert.Equal(("/brand/ffe94d.css", "/waitlist?ref=abc&src=def&lang=de"), (document.QuerySelectorAll("link[rel=stylesheet]")[1].GetAttribute("href"), document.QuerySelector("a[hreflang=de]")!.GetAttribute("href")));

        var german = (await browser.Get("/waitlist?lang=de")).Expect(200, "Auf die Warteliste von Acme", "Dein Name", "Datenschutz", "English");
        Assert.Contains("lang=\"de\"", german.Html, StringComparison.Ordinal);
        Assert.Equal("/waitlist/sent?lang=de", (await browser.Send("/waitlist?lang=de", "/waitlist?lang=de", ("email", "hans@example.com"), ("name", "Hans"))).Expect(303).Location);
        (await browser.Send("/waitlist?lang=de", "/waitlist?lang=de", ("email", "x"), ("name", ""))).Expect(422, "2 Angaben stimmen noch nicht.", "Das ist keine vollständige E-Mail", "Der Name fehlt.");
        (await browser.Get("/waitlist/status/nobody?lang=de")).Expect(404, "Diesen Link kennen wir nicht");
        (await browser.Get("/signup?code=NOPE&lang=de")).Expect(404, "Diesen Code kennen wir nicht");
        (await browser.Get("/waitlist/no/such?lang=de")).Expect(404, "Diese Seite gibt es nicht");
        using var api = ApiClient.For(app);
        var code = await api.Code();
        Assert.Equal("You are invited to Acme", Head((await browser.Get($"/signup?code={code}")).Expect(200))["og:title"]);
        var page = new Uri((await api.Waiting("gerda@example.com")).GetProperty("statusLink").GetString()!).AbsolutePath;
        var status = (await browser.Get($"{page}?lang=de")).Expect(200, "Dein Platz auf der Liste", "Wann du an der Reihe bist", "Link teilen", "https://wa.me/?text=Komm%20mit");
        // What others show of somebody's own page by mistake is the list itself.
        Assert.EndsWith("/waitlist", Head(status)["og:url"], StringComparison.Ordinal);

        var shown = await browser.Get(logo.Path);
        Assert.Equal(("public, max-age=31536000, immutable", "nosniff", "image/png", "cross-origin"), (shown.Headers["Cache-Control"], shown.Headers["X-Content-Type-Options"], shown.Headers["Content-Type"], shown.Headers["Cross-Origin-Resource-Policy"]));
        Assert.Equal("public, max-age=60", (await browser.Get("/brand/logo/another")).Expect(200).Headers["Cache-Control"]);
        (await browser.Get("/brand/ffe94d.css")).Expect(200, "--accent: #ffe94d", "--on-accent: #000000");
        (await browser.Get("/brand/nothing.css")).Expect(404);
    }

    [Fact]
    public async Task Widget_OnAStrictSite_ByKeyboardAt320_ShowsThePlaceAndPassesAxe()
    {
        await SaveBrand();
        await using var site = await CompanyPage.Serve(app.Address);
        await using var visitor = await chromium.NewVisitor(site.Address, new() { ViewportSize = new() { Width = 320, Height = 800 } });
        var (page, widget) = (visitor.Page, visitor.Page.Locator("invite-waitlist"));
        await page.GotoAsync("/?ref=abc");
        await Expect(widget.Locator("h2")).ToHaveTextAsync("Be first <b>at</b> Acme");
        Assert.Equal("rgb(255, 233, 77)", await widget.Locator(".page form button").EvaluateAsync<string>("b => getComputedStyle(b).backgroundColor"));
        await Look(page, "form");

        // By keyboard alone.
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("www.spam.example");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("kim@example.com");
        await page.Keyboard.PressAsync("Enter");
        await Expect(widget.Locator("#name-wrong")).ToHaveTextAsync("Name may not hold a web address.");
        Assert.Equal("name", await widget.EvaluateAsync<string>("w => w.shadowRoot.activeElement.id"));
        await Look(page, "wrong");
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.TypeAsync("Kim <i>Example</i>");
        await page.Keyboard.PressAsync("Enter");
        await Expect(widget.Locator("h2")).ToHaveTextAsync("Check your inbox");
        await Expect(widget.Locator("[role=status]")).ToContainTextAsync("We mailed you a link.");
        await Look(page, "sent");

        // The mail is opened elsewhere.
        using var phone = new FormClient(app);
        var confirm = $"/waitlist/confirm/{await app.Database.Scalar<string>("SELECT confirm_token FROM waitlist_entries WHERE email = 'kim@example.com'")}";
        (await phone.Send(confirm, confirm)).Expect(303);
        await page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await Expect(widget.Locator(".rank")).ToBeVisibleAsync();
        Assert.Equal("H2", await widget.EvaluateAsync<string>("w => w.shadowRoot.activeElement.tagName"));
        await Look(page, "place");
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(widget.Locator(".row button")).ToHaveTextAsync("Copied");
        Assert.Equal(await widget.Locator(".row input").InputValueAsync(), await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        Assert.Equal(["mailto:?", "https://wa", "https://x.", "https://ww"], await widget.Locator("li a").EvaluateAllAsync<string[]>("links => links.map(a => a.href.slice(0, a.href.startsWith('mailto') ? 8 : 10))"));

        Assert.Empty(await page.Context.CookiesAsync());
        Assert.Equal(0, await page.EvaluateAsync<int>("localStorage.length + sessionStorage.length"));
        // The refused name is reported by the browser, and nothing of the policy.
        Assert.All(visitor.Errors, e => Assert.Contains("status of 422", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Widget_InGerman_ShowsSomebodyOnTheListTheirPlaceWhenTheySayItWasThem_AndWithoutScriptsIsAForm()
    {
        await SaveBrand();
        using var api = ApiClient.For(app);
        var own = new Uri((await api.Waiting("jo@example.com")).GetProperty("statusLink").GetString()!).AbsolutePath;
        await using var site = await CompanyPage.Serve(app.Address);
        await using (var visitor = await chromium.NewVisitor(site.Address, new() { ColorScheme = ColorScheme.Dark }))
        {
            var widget = visitor.Page.Locator("invite-waitlist");
            await visitor.Page.GotoAsync("/?lang=de");
            await widget.GetByLabel("Dein Name").FillAsync("Jo");
            await widget.GetByLabel("E-Mail").FillAsync("jo@example.com");
            await widget.Locator(".page form button").ClickAsync();
            await Expect(widget.Locator("h2")).ToHaveTextAsync("Sieh in dein Postfach");
            await using (var mail = await chromium.NewVisitor(app.Address))
            {
                await mail.Page.GotoAsync($"{own}?lang=de");
                await mail.Page.ScreenshotAsync(new() { Path = Path.Combine(Directory.CreateDirectory(Pictures).FullName, "public-status-asked.png"), FullPage = true });
                await mail.Page.ClickAsync("text=Das war ich");
                await Expect(mail.Page.Locator("text=Das war ich")).ToHaveCountAsync(0);
            }

            await visitor.Page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
            await Expect(widget.Locator("h2")).ToHaveTextAsync("Dein Platz auf der Liste");
            await Look(visitor.Page, "place-german");
            Assert.Empty(visitor.Errors);
        }

        await using var without = await chromium.NewVisitor(site.Address, new() { JavaScriptEnabled = false });
        await without.Page.GotoAsync("/");
        await without.Page.FillAsync("[name=name]", "Lou");
        await without.Page.FillAsync("[name=email]", "lou@example.com");
        await without.Page.ClickAsync("button");
        await Expect(without.Page.Locator("h1")).ToHaveTextAsync("Check your inbox");
        Assert.Equal("unconfirmed", await app.Database.Scalar<string>("SELECT status FROM waitlist_entries WHERE email = 'lou@example.com'"));
    }

    private async Task<BrandLogo?> SaveBrand(BrandValues? values = null)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var change = scope.ServiceProvider.GetRequiredService<ChangeBrand>();
        var facts = await change.Read(default);
        return (await change.Save(Product.Owner, values ?? new("Acme", "#ffe94d", "https://www.example.com/privacy", null, new("Be first <b>at</b> Acme", "Bea’s own words"), new()), facts.Version, default)).Must().Logo;
    }

    /// <summary>As the form of the settings does, signed in as whoever invites people.</summary>
    private static async Task Upload(FormClient browser, string name, byte[] picture, string leadsTo)
    {
        var account = SignedIn.As(Role.Growth);
        await browser.Send("/sign-in", "/sign-in", ("email", account.Email), ("password", account.Password));
        var form = new HtmlParser().ParseDocument((await browser.Get("/admin/settings?section=brand")).Expect(200).Html).QuerySelector("form[enctype]")!;
        using var content = new MultipartFormDataContent { { new StringContent(form.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!), "__RequestVerificationToken" } };
        content.Add(new ByteArrayContent(picture) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, "logo", name);
        Assert.Equal($"/admin/settings?{leadsTo}", (await browser.Post(form.GetAttribute("action")!, content)).Expect(302).Location);
    }

    private static Dictionary<string, string> Head(Page page) => new HtmlParser().ParseDocument(page.Html).QuerySelectorAll("meta[property], meta[name]")
        .ToDictionary(m => m.GetAttribute("property") ?? m.GetAttribute("name")!, m => m.GetAttribute("content")!, StringComparer.Ordinal);

    private static async Task Look(IPage page, string name)
    {
        await page.ScreenshotAsync(new() { Path = Path.Combine(Directory.CreateDirectory(Pictures).FullName, $"widget-{name}.png"), FullPage = true });
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), $"{name} is too wide");
        var seen = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } });
        Assert.True(seen.Violations.Length == 0, $"{name}: {string.Join("; ", seen.Violations.Select(v => $"{v.Id} {v.Nodes[0].Html}"))}");
    }
}
