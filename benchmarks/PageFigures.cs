using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using InviteAdmin.Access;
using InviteAdmin.Insights;
using InviteAdmin.Referrals;
using Microsoft.Extensions.Configuration;
using Microsoft.Playwright;
using Npgsql;

namespace InviteAdmin.Benchmarks;

/// <summary>The dashboard on a launch of a million entries and 300,000 members: first byte and size of every page, the reads behind referrals and insights, and what a tab holds.</summary>
internal static partial class PageFigures
{
    private const int Tabs = 50;

    private static readonly (string Page, string Path)[] Pages =
    [
        ("Overview", "/admin"), ("Waitlist", "/admin/waitlist"), ("Waitlist, invited", "/admin/waitlist?show=invited"), ("Waitlist, one source", "/admin/waitlist?source=Source%203"), ("Waitlist, page 100", "/admin/waitlist?page=100"),
        ("Waitlist, an email", "/admin/waitlist?q=70000%40example.com"), ("Cohorts", "/admin/cohorts"), ("A cohort of 1,000", "/admin/cohorts/100"), ("Rollout", "/admin/rollout"),
        ("Codes", "/admin/codes"), ("Codes, personal", "/admin/codes?kind=personal"), ("Codes, used up", "/admin/codes?state=exhausted"), ("Codes, active, by end", "/admin/codes?state=active&sort=ending"), ("Codes, personal, the oldest active", "/admin/codes?kind=personal&state=active&sort=oldest"), ("Campaigns", "/admin/campaigns"), ("A campaign", "/admin/campaigns/camp-3"),
        ("People", "/admin/people"), ("People, a name", "/admin/people?q=Ann"), ("People, an email", "/admin/people?q=m25000%40example.com"), ("A person who waits", "/admin/people/wl_90001"), ("The member who brought most", "/admin/people/usr_1"),
        ("Leaderboard", "/admin/referrals"), ("Leaderboard, everybody below", "/admin/referrals?sort=downstream"), ("A chain", "/admin/referrals/usr_1"), ("Milestones", "/admin/referrals?tab=milestones"), ("Viral coefficient", "/admin/referrals?tab=viral"),
        ("Insights", "/admin/insights"), ("Insights, a year", "/admin/insights?days=365"), ("People of a drop-off", "/admin/insights/people"), ("Emails", "/admin/emails"), ("Jobs", "/admin/jobs"), ("Audit", "/admin/audit"), ("Settings", "/admin/settings"), ("System", "/admin/system"),
    ];

    public static async Task Run(Lab lab)
    {
        var entries = lab.Short ? 100_000 : 1_000_000;
        var launch = await lab.NewLaunch(0);
        var sizes = ((string Name, int Value)[])[(":entries", entries), (":invited", entries / 5), (":registered", entries * 3 / 20), (":members", entries * 3 / 10)];
        await launch.Load(sizes.Aggregate(Lab.Script("launch.sql"), (sql, v) => sql.Replace(v.Name, v.Value.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)), "waitlist_entries", "cohort_entries", "members", "invite_codes", "redemptions", "referrals", "reward_grants");
        var counted = await Figures.Time(() => launch.Do<RefreshInsights, object>(async r => await r.Run(Actor.System, CancellationToken.None)));
        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"{entries:N0} entries, {entries * 3 / 10:N0} members. Counting all of them for the first time: {counted / 1000:N1} s.\n"));
        await Reads(launch);
        var app = await lab.Serve(launch);
        using var client = await SignIn(app.Address);
        Figures.Say("\n| page | first byte, ms: median | slowest | whole page, ms | KB sent | n |\n|---|---|---|---|---|---|");
        foreach (var (page, path) in Pages) await Show(client, page, path, lab.Short ? 3 : 7);
        await Memory(app, lab.Short ? 10 : Tabs);
    }

    /// <summary>What stands behind the pages, without them.</summary>
    private static async Task Reads(Launch launch)
    {
        var source = launch.One<NpgsqlDataSource>();
        var (leaders, chains, insights) = (new LeaderQueries(source), new ChainQueries(source), new InsightQueries(source));
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        Figures.Say("| read | median, ms | p99, ms | n |\n|---|---|---|---|");
        foreach (var sort in Enum.GetValues<LeaderSort>()) await Time($"a page of the leaderboard by {sort}", 200, _ => leaders.Page(new(), sort, 1, CancellationToken.None));
        await Time("the next 50 of a chain", 500, n => chains.Below($"usr_{1 + (n % 300)}", 0, CancellationToken.None));
        await Time("the way from the root to a member", 500, n => chains.Path($"usr_{200_000 + n}", CancellationToken.None));
        foreach (var days in (int[])[28, 365])
        {
            var range = InsightRange.Last(days, today, "UTC");
            await Time($"insights, {days} days", 20, async _ =>
            {
                await insights.BySource(range, CancellationToken.None);
                await insights.ByCampaign(range, CancellationToken.None);
                await insights.Cohorts(range, CancellationToken.None);
                await insights.TimeToRegister(range, CancellationToken.None);
            });
        }
    }

    private static async Task Time(string what, int count, Func<int, Task> ask)
    {
        await ask(0);
        var times = new List<double>();
        for (var n = 0; n < count; n++) times.Add(await Figures.Time(() => ask(n)));
        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {what} | {Figures.Tail(times)} | {count:N0} |"));
    }

    private static async Task Show(HttpClient client, string page, string path, int rounds)
    {
        var (first, whole, size) = (new List<double>(), new List<double>(), 0L);
        for (var round = -2; round < rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            var head = clock.Elapsed.TotalMilliseconds;
            var body = await answer.Content.ReadAsByteArrayAsync();
            if (answer.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"{path}: {answer.StatusCode}");
            if (round < 0) continue;
            size = body.Length;
            first.Add(head);
            whole.Add(clock.Elapsed.TotalMilliseconds);
            // Longer than any answer is kept for.
            await Task.Delay(1_100);
        }

        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {page} | {Figures.Median(first):N0} | {first.Max():N0} | {Figures.Median(whole):N0} | {size / 1024.0:N0} | {rounds} |"));
    }

    private static async Task Memory(ServedApp app, int tabs)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium-headless-shell", Args = Environment.IsPrivilegedProcess ? ["--no-sandbox"] : [] });
        var context = await browser.NewContextAsync(new() { BaseURL = app.Address.OriginalString });
        var (email, password) = Account;
        var entrance = await context.NewPageAsync();
        await entrance.GotoAsync("/sign-in");
        await entrance.FillAsync("#email", email);
        await entrance.FillAsync("#password", password);
        await entrance.ClickAsync("button[type=submit]");
        await entrance.WaitForSelectorAsync("[data-interactive=true]");
        await Task.Delay(5_000);
        var before = app.Megabytes;
        for (var tab = 0; tab < tabs; tab++)
        {
            var page = await context.NewPageAsync();
            await page.GotoAsync((tab % 3) switch { 0 => "/admin", 1 => "/admin/waitlist", _ => "/admin/insights" });
            await page.WaitForSelectorAsync("[data-interactive=true]");
        }

        await Task.Delay(20_000);
        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"\n{tabs} tabs open (overview, waitlist, insights in turn): {before:N0} MB before, {app.Megabytes:N0} MB after, {(app.Megabytes - before) / (double)tabs:N1} MB a tab."));
    }

    private static (string Email, string Password) Account
    {
        get
        {
            var owner = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../appsettings.Development.json"))).Build().GetSection("Staff:Development:0");
            return (owner["email"]!, owner["password"]!);
        }
    }

    private static async Task<HttpClient> SignIn(Uri address)
    {
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = address };
        client.DefaultRequestHeaders.Add("Accept-Encoding", "br, gzip");
        var (email, password) = Account;
        // The form is read as it is, compressed or not.
        using var asked = await client.GetAsync("/sign-in");
        var shown = await Text(asked);
        var fields = Hidden().Matches(shown).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value);
        (fields["email"], fields["password"]) = (email, password);
        using var signedIn = await client.PostAsync("/sign-in", new FormUrlEncodedContent(fields));
        return signedIn.RequestMessage!.RequestUri!.AbsolutePath.StartsWith("/admin", StringComparison.Ordinal) ? client : throw new InvalidOperationException("The owner could not sign in.");
    }

    private static async Task<string> Text(HttpResponseMessage answer)
    {
        await using var body = await answer.Content.ReadAsStreamAsync();
        await using Stream plain = answer.Content.Headers.ContentEncoding.SingleOrDefault() switch { "br" => new BrotliStream(body, CompressionMode.Decompress), "gzip" => new GZipStream(body, CompressionMode.Decompress), _ => body };
        return await new StreamReader(plain).ReadToEndAsync();
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\"( value=\"(?<value>[^\"]*)\")?")]
    private static partial Regex Hidden();
}
