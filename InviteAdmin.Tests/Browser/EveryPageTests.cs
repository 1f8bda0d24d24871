using Deque.AxeCore.Playwright;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace InviteAdmin.Tests.Browser;

/// <summary>A demo launch behind the app, loaded once for the class.</summary>
public sealed class DemoApp : IAsyncLifetime
{
    private (string Id, string Name)[] _words = [];

    public RunningApp App { get; } = new();

    public IReadOnlyList<string> Pages { get; private set; } = [];

    /// <summary>Where screenshots go: the folder in INVITEADMIN_SCREENSHOTS, or nowhere.</summary>
    public string? Folder { get; } = Environment.GetEnvironmentVariable("INVITEADMIN_SCREENSHOTS");

    /// <summary>What a page is called in the name of its picture: its address, with words for ids.</summary>
    public string Name(string path) => string.Join('-', _words.Aggregate(path, (name, word) => name.Replace(word.Id, word.Name, StringComparison.Ordinal)).Split(['/', '?', '&'], StringSplitOptions.RemoveEmptyEntries).Skip(path == "/admin" ? 0 : 1));

    public async Task InitializeAsync()
    {
        await App.InitializeAsync();
        await using (var scope = App.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<DemoLaunch>().Load(Actor.System, CancellationToken.None);
        }

        var member = await App.Database.Scalar<string>("SELECT public_id FROM members ORDER BY credited_referrals DESC LIMIT 1");
        var invited = await App.Database.Scalar<string>("SELECT public_id FROM waitlist_entries WHERE status = 'invited' LIMIT 1");
        var code = await App.Database.Scalar<string>("SELECT shown FROM invite_codes WHERE used_count > 0 LIMIT 1");
        var refused = await App.Database.Scalar<string>("SELECT shown FROM invite_codes WHERE kind = 'campaign' AND used_count < max_uses ORDER BY id LIMIT 1");
        await App.Database.Scalar<long>($"WITH a AS (INSERT INTO code_attempts SELECT id, date_trunc('hour', now()) - h * interval '5 hours', r, 3 * h + 1, now() - h * interval '5 hours' FROM invite_codes, generate_series(0, 2) h, unnest(ARRAY['exhausted', 'email-registered']) r WHERE shown = '{refused}' RETURNING 1) SELECT count(*) FROM a");
        var mail = await App.Database.Scalar<long>("SELECT id FROM outbox WHERE state = 'dead' LIMIT 1");
        _words = [(member, "member"), (invited, "invited"), (code, "used"), (refused, "refused"), ($"emails/{mail}", "emails/failed")];
        Pages =
        [
            "/admin", "/admin/waitlist", $"/admin/waitlist?show=invited&person={invited}", "/admin/waitlist?q=nobody.is.called.this", "/admin/waitlist/import", "/admin/invite", "/admin/invite?count=5",
            "/admin/cohorts", "/admin/cohorts/1", "/admin/rollout", "/admin/rollout/edit", "/admin/rollout/edit?template=cautious", $"/admin/people/{member}", $"/admin/people/{invited}", "/admin/codes", "/admin/codes?kind=campaign&state=active&sort=ending", "/admin/codes?q=nobody.has.this",
            "/admin/codes/NO-SUCH-CODE", $"/admin/codes/{code}", $"/admin/codes/{refused}", "/admin/campaigns", "/admin/campaigns?mint=true", "/admin/campaigns/launch-week-demo", "/admin/campaigns/no-such-campaign", "/admin/emails", "/admin/emails/suppressions", "/admin/emails/templates", "/admin/emails/templates/invitation", "/admin/emails/templates/no-such-template", $"/admin/emails/{mail}",
            "/admin/jobs", "/admin/jobs?tab=runs", "/admin/jobs?tab=missed", "/admin/jobs?tab=work", "/admin/search?q=example", "/admin/cohorts/9999",
            "/admin/settings", "/admin/settings?section=milestones&edit=3", "/admin/settings?section=lifetimes", "/admin/settings?section=plan", "/admin/settings?section=team", "/admin/system", "/admin/no-such-page",
            "/admin/referrals", "/admin/referrals?sort=downstream&q=a", "/admin/referrals?q=nobody.is.called.this", "/admin/referrals?tab=milestones&milestone=3", "/admin/referrals?tab=viral", $"/admin/referrals/{member}",
            "/admin/referrals/usr_nobody", "/admin/insights", "/admin/insights?days=90&compare=true", "/admin/insights/people?step=registered", "/admin/insights/people?step=confirmed&source=Nowhere",
            "/admin/components", "/admin/components?theme=dark&compact=true",
            "/admin/people", "/admin/people?q=nobody.is.called.this", "/admin/people?show=registered&sort=brought", $"/admin/people/{member}?show=codes", $"/admin/people/{member}?show=mails", $"/admin/people/{invited}?show=points",
            $"/admin/people/{member}?show=brought", $"/admin/people/{member}?show=notes", $"/admin/people/{member}?kind=referrals", "/admin/people/usr_nobody", "/admin/audit", "/admin/audit?action=code.vip", "/admin/audit?target=wl_nobody",
        ];
    }

    Task IAsyncLifetime.DisposeAsync() => ((IAsyncLifetime)App).DisposeAsync();
}

/// <summary>Every page in every look. It takes as long as all other tests with a browser, so it has one of its own and runs beside them.</summary>
public sealed class EveryPageTests(Chromium chromium, DemoApp demo) : IClassFixture<Chromium>, IClassFixture<DemoApp>
{
    private const int Wide = 1280;

    // 640 px is 1280 at a zoom of 200 %.
    private static readonly (ColorScheme Scheme, int Width)[] Looks = [(ColorScheme.Light, Wide), (ColorScheme.Dark, Wide), (ColorScheme.Light, 640), (ColorScheme.Light, 320)];

    [Fact]
    public async Task EveryPage_InEveryLook_IsAccessibleFitsAndSaysNothingInTheConsole()
    {
        await using var visitor = await chromium.NewVisitor(demo.App.Address, new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce, ViewportSize = new() { Width = Wide, Height = 800 } });
        var page = visitor.Page;
        await visitor.SignIn();
        var wrong = new List<string>();
        foreach (var path in demo.Pages)
        {
            await visitor.OpenInteractive(path);
            await page.WaitForSelectorAsync("h1");
            foreach (var (scheme, width) in Looks)
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await page.SetViewportSizeAsync(width, 800);
                if (demo.Folder is not null) await page.ScreenshotAsync(new() { Path = Path.Combine(demo.Folder, $"{demo.Name(path)}-{scheme}-{width}.png".ToLowerInvariant()) });
                if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") is > 0 and var over) wrong.Add($"{path}: {over} px too wide at {width}");
            }

            // A mail stands in a sandbox where no script runs, axe's neither: it would wait for an answer for ever.
            await page.EvaluateAsync("document.querySelectorAll('iframe').forEach(frame => frame.remove())");
            await page.SetViewportSizeAsync(Wide, 800);
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
            var light = await page.RunAxe();
            // What is dark differs in its colours alone.
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
            var dark = await page.RunAxe(new() { RunOnly = new() { Type = "rule", Values = ["color-contrast"] } });
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
            // The gallery shows the same part more than once.
            wrong.AddRange(light.Violations.Concat(dark.Violations).Where(v => v.Id != "landmark-unique" || !path.StartsWith(Matrix.PageTable.Gallery, StringComparison.Ordinal))
                .Select(v => $"{path}: {v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}"));
        }

        Assert.Empty(wrong);
        // Some answer 404, as they should, and the browser says so.
        Assert.DoesNotContain(visitor.Errors, e => !e.Contains("status of 404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dialog_Open_IsAccessibleAndGivesTheFocusBack()
    {
        await using var visitor = await chromium.NewVisitor(demo.App.Address);
        await visitor.SignIn();
        await visitor.OpenInteractive("/admin/cohorts/12");

        await visitor.Page.FocusAsync("button:has-text('Recall…')");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Page.WaitForSelectorAsync("dialog[open]");
        Assert.Empty((await visitor.Page.RunAxe()).Violations.Select(v => v.Id));
        await visitor.Page.Keyboard.PressAsync("Escape");
        await visitor.Page.WaitForSelectorAsync("dialog.ask", new() { State = WaitForSelectorState.Detached });

        Assert.EndsWith("Recall…", (await visitor.Page.EvaluateAsync<string>("document.activeElement.textContent")).Trim(), StringComparison.Ordinal);
    }
}
