using Deque.AxeCore.Commons;
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
        // A key with two secrets, one that has ended, and requests of all kinds.
        await App.Database.Scalar<long>("""
            WITH k AS (INSERT INTO api_keys (public_id, name, secret_hash, prefix, scopes, created_by, last_used_at, previous_hash, previous_prefix, previous_until, rolled_at) VALUES
              ('key_demo1', 'Backend', '\x01', 'ia_7F3KQ2', ARRAY['join', 'redeem'], 'Olive Owner', now() - interval '3 minutes', '\x02', 'ia_9ZTAB4', now() + interval '20 hours', now()),
              ('key_demo2', 'Monitoring', '\x03', 'ia_4D7H2K', ARRAY['manage'], 'Olive Owner', NULL, NULL, NULL, NULL, NULL) RETURNING 1),
            l AS (INSERT INTO request_log (at, ms, method, route, path, status, problem, key_id, idempotency_key, replayed, request_id, body)
              SELECT now() - n * interval '47 seconds', 1.3 + n % 7, 'POST', '/api/v1/waitlist', '/api/v1/waitlist', CASE WHEN n % 9 = 4 THEN 422 ELSE 201 END, CASE WHEN n % 9 = 4 THEN 'validation' END, 'key_demo1',
                'signup-' || n, n % 11 = 5, '0HNH3B2K9QF4M:' || lpad(n::text, 8, '0'), '{"email":"[email]","name":"[11 characters]","emailVerified":true}' FROM generate_series(1, 60) n RETURNING 1)
            SELECT count(*) FROM l
            """);
        await App.Database.Scalar<long>("WITH k AS (UPDATE api_keys SET revoked_at = now(), revoked_by = 'Olive Owner' WHERE public_id = 'key_demo2' RETURNING 1) SELECT count(*) FROM k");
        var mail = await App.Database.Scalar<long>("SELECT id FROM outbox WHERE state = 'dead' LIMIT 1");
        var hook = await Webhook();
        var delivery = await App.Database.Scalar<long>("SELECT id FROM webhook_deliveries WHERE state = 'dead' ORDER BY id LIMIT 1");
        _words = [($"{hook}?delivery={delivery}", "one?failed"), (hook, "one"), (member, "member"), (invited, "invited"), (code, "used"), (refused, "refused"), ($"emails/{mail}", "emails/failed")];
        Pages =
        [
            "/admin", "/admin/waitlist", $"/admin/waitlist?show=invited&person={invited}", "/admin/waitlist?q=nobody.is.called.this", "/admin/waitlist/import", "/admin/invite", "/admin/invite?count=5",
            "/admin/cohorts", "/admin/cohorts/1", "/admin/rollout", "/admin/rollout/edit", "/admin/rollout/edit?template=cautious", $"/admin/people/{member}", $"/admin/people/{invited}", "/admin/codes", "/admin/codes?kind=campaign&state=active&sort=ending", "/admin/codes?q=nobody.has.this",
            "/admin/codes/NO-SUCH-CODE", $"/admin/codes/{code}", $"/admin/codes/{refused}", "/admin/campaigns", "/admin/campaigns?mint=true", "/admin/campaigns/launch-week-demo", "/admin/campaigns/no-such-campaign", "/admin/emails", "/admin/emails/suppressions", "/admin/emails/templates", "/admin/emails/templates/invitation", "/admin/emails/templates/no-such-template", $"/admin/emails/{mail}",
            "/admin/jobs", "/admin/jobs?tab=runs", "/admin/jobs?tab=missed", "/admin/jobs?tab=work", "/admin/search?q=example", "/admin/cohorts/9999",
            "/admin/settings", "/admin/settings?section=milestones&edit=3", "/admin/settings?section=lifetimes", "/admin/settings?section=points", "/admin/settings?section=points&arrived=10&brought=40", "/admin/settings?section=plan", "/admin/settings?section=brand", "/admin/settings?section=alerts", "/admin/developers?in=widget", "/admin/settings?section=team", "/admin/system", "/admin/no-such-page",
            "/admin/referrals", "/admin/referrals?sort=downstream&q=a", "/admin/referrals?q=nobody.is.called.this", "/admin/referrals?tab=milestones&milestone=3", "/admin/referrals?tab=viral", $"/admin/referrals/{member}",
            "/admin/referrals/usr_nobody", "/admin/insights", "/admin/insights?days=90&compare=true", "/admin/insights/people?step=registered", "/admin/insights/people?step=confirmed&source=Nowhere",
            "/admin/components", "/admin/components?theme=dark&compact=true",
            "/admin/developers", "/admin/developers?in=csharp&do=redeem", "/admin/developers?in=form", "/admin/developers?tab=keys", "/admin/developers?tab=requests", "/admin/developers?tab=requests&status=4&id=nobody-sent-this",
            "/admin/people", "/admin/people?q=nobody.is.called.this", "/admin/people?show=registered&sort=brought", $"/admin/people/{member}?show=codes", $"/admin/people/{member}?show=mails", $"/admin/people/{invited}?show=points",
            $"/admin/people/{member}?show=brought", $"/admin/people/{member}?show=notes", $"/admin/people/{member}?kind=referrals", "/admin/people/usr_nobody", "/admin/webhooks", "/admin/webhooks?add=true", $"/admin/webhooks/{hook}", $"/admin/webhooks/{hook}?delivery={delivery}", $"/admin/webhooks/{hook}?state=dead&about=nobody", "/admin/webhooks/wh_nobody", "/admin/audit", "/admin/audit?action=code.vip", "/admin/audit?target=wl_nobody",
        ];
    }

    /// <summary>An endpoint with deliveries of every state; nothing is sent to it, as it is off.</summary>
    public async Task<string> Webhook()
    {
        await App.Database.Execute(
            """
            INSERT INTO webhook_endpoints (public_id, url, note, events, secret, created_by, disabled_at, disabled_reason) VALUES ('wh_demo', 'https://hooks.example.com/invites?team=growth', 'Signup <b>and</b> chat', ARRAY['waitlist.joined', 'invite.redeemed', 'cohort.released'], '', 'Dana', now(), 'It answered 410: it is gone.') ON CONFLICT DO NOTHING;
            INSERT INTO webhook_events (public_id, type, subject, data) SELECT 'evt_demo' || e.id, 'waitlist.joined', e.public_id, webhook_entry(e) FROM (SELECT * FROM waitlist_entries ORDER BY id LIMIT 30) e ON CONFLICT DO NOTHING;
            INSERT INTO webhook_deliveries (endpoint_id, event_id, type, subject, state, attempts, due_at, delivered_at)
            SELECT w.id, e.id, e.type, e.subject, s.state, 1 + e.id % 3, now() + interval '5 minutes', CASE WHEN s.state = 'delivered' THEN now() END
            FROM webhook_endpoints w, webhook_events e, LATERAL (SELECT (ARRAY['delivered', 'delivered', 'pending', 'dead'])[1 + e.id % 4] AS state) s WHERE w.public_id = 'wh_demo' ON CONFLICT DO NOTHING;
            INSERT INTO webhook_attempts (delivery_id, endpoint_id, at, succeeded, status, error, milliseconds, url, signed_at, answer, process)
            SELECT d.id, d.endpoint_id, now() - d.id * interval '7 minutes', d.state = 'delivered', CASE d.state WHEN 'delivered' THEN 200 ELSE 500 END, CASE WHEN d.state <> 'delivered' THEN 'It answered 500.' END, 40 + d.id % 90, 'https://hooks.example.com/invites?team=growth', now(), '{"ok": "<script>alert(1)</script>"}', 'app-1:7'
            FROM webhook_deliveries d WHERE NOT EXISTS (SELECT 1 FROM webhook_attempts a WHERE a.delivery_id = d.id)
            """);
        return "wh_demo";
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
        var (wrong, dark) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
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
            IEnumerable<AxeResultItem> violations = light.Violations;
            // What is dark differs in its colours alone, and they are those of the page, whatever is filtered.
            if (dark.Add(path.Split('?')[0]))
            {
                await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
                violations = violations.Concat((await page.RunAxe(new() { RunOnly = new() { Type = "rule", Values = ["color-contrast"] } })).Violations);
                await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
            }

            // The gallery shows the same part more than once.
            wrong.AddRange(violations.Where(v => v.Id != "landmark-unique" || !path.StartsWith(Matrix.PageTable.Gallery, StringComparison.Ordinal))
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
