using System.Net;
using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Layout;
using InviteAdmin.Components.Pages.Rollout;
using InviteAdmin.Live;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Public;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Rollout;

/// <summary>The rollout's page, its editor and its file on a real plan.</summary>
public sealed class RolloutPageTests(RunningApp app) : AppComponents(app), IClassFixture<RunningApp>, IAsyncLifetime
{
    private readonly RunningApp _app = app;

    public Task InitializeAsync() => _app.Database.Execute("DELETE FROM rollout_plan_versions; UPDATE rollout_plans SET state = 'draft', stages = '[]', stage = 0, version = 1, paused_by = NULL, paused_reason = NULL, waits_for = NULL WHERE is_current");

    [Fact]
    public void Page_NoPlanYet_OffersThreeToBeginWith()
    {
        SignIn(Role.Viewer);

        var page = Render<RolloutPage>();

        page.WaitForAssertion(() => Assert.Equal(["Cautious", "Steady", "Open the doors"], page.FindAll("h3").Select(h => h.TextContent)));
        Assert.Empty(page.FindAll(".head button"));
    }

    [Fact]
    public async Task Editor_SomebodyElseSavesFirst_KeepsWhatWasTypedAndShowsBoth()
    {
        SignIn(Role.Owner);
        var editor = Render<PlanEditPage>();
        editor.WaitForElement("#s0-batchSize").Input("77");
        await Change(p => p.Edit(Product.Owner, PlanTemplate.All[1].Over(Current), default));

        editor.Find("form.planform").Submit();

        editor.WaitForAssertion(() => Assert.Contains("100 people every day", editor.Find(".conflict").TextContent, StringComparison.Ordinal));
        Assert.Contains("77 people every day", editor.Find(".conflict").TextContent, StringComparison.Ordinal);
        Assert.Equal("77", editor.Find("#s0-batchSize").GetAttribute("value"));
        Assert.Equal(100, Current.BatchSize);
        editor.Find(".conflict button.main").Click();
        editor.WaitForAssertion(() => Assert.Equal(77, Current.BatchSize));
    }

    [Fact]
    public void Editor_PlanWithASurprise_SavesItAndSaysSo()
    {
        SignIn(Role.Owner);
        var editor = Render<PlanEditPage>();
        editor.WaitForElement("#s0-until").Change("batches");
        editor.Find("button:contains('Add a condition')").Click();
        editor.Find("#s0-soakDays").Input("0");

        editor.Find("form.planform").Submit();

        editor.WaitForAssertion(() => Assert.Contains("Stage 1 soaks for 0 days, but its gate looks 3 days after the last batch", editor.Find(".notice").TextContent, StringComparison.Ordinal));
        Assert.Equal(2, Current.Version);
    }

    [Fact]
    public void Editor_SeatsThatAreNone_AreSaidBesideTheFieldAndNotSaved()
    {
        SignIn(Role.Owner);
        var editor = Render<PlanEditPage>();

        editor.WaitForElement("#capacity").Input("-5");

        editor.WaitForAssertion(() => Assert.Equal("Capacity must be between 0 and 100,000,000.", editor.Find("#capacity-wrong").LastChild!.TextContent));
        Assert.True(editor.Find("button.main").HasAttribute("disabled"));
        Assert.Equal("One field needs another look:", editor.Find(".reading p").TextContent);
        Assert.Equal(1, Current.Version);
    }

    [Theory]
    [InlineData("running", "Running", true)]
    [InlineData("soaking", "Soaking", true)]
    [InlineData("holding", "Held", true)]
    [InlineData("paused", "Paused", false)]
    public async Task Frame_SaysHowThePlanStandsAndPausesInOneClick(string state, string word, bool pauses)
    {
        SignIn(Role.Growth);
        await _app.Database.Execute($"UPDATE rollout_plans SET state = '{state}' WHERE is_current");

        var line = Render<RolloutState>();

        line.WaitForAssertion(() => Assert.Equal(word, line.Find(".word").TextContent));
        Assert.Equal(pauses, line.FindAll("button").Count == 1);
        if (!pauses) return;
        line.Find("button").Click();
        line.WaitForAssertion(() => Assert.Equal("Paused", line.Find(".word").TextContent));
        // Letting it run would not hold it again.
        line.WaitForAssertion(() => Assert.Equal(state != "holding", Services.GetRequiredService<Notices>().Current?.HasWayBack));
    }

    [Fact]
    public async Task Csv_HasEveryDecisionWithItsFactsAndIsRecorded()
    {
        await Change(p => p.Edit(Product.Owner, PlanTemplate.All[0].Over(Current), default));
        using var client = new FormClient(_app);
        var account = SignedIn.As(Role.Viewer);
        await client.Send("/sign-in", "/sign-in", ("email", account.Email), ("password", account.Password));

        var csv = await client.Get("/admin/rollout.csv");

        Assert.StartsWith("at,day,stage,decision,why,who,cohort,invited,facts", csv.Html, StringComparison.Ordinal);
        Assert.Contains(",1,edited,Owner saved version 2 of the plan.,Owner,,,\"{\"\"", csv.Html, StringComparison.Ordinal);
        Assert.Equal(1, await _app.Database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'plan.exported'"));
        using var stranger = _app.NewHttpClient();
        Assert.Equal(HttpStatusCode.Redirect, (await stranger.GetAsync("/admin/rollout.csv")).StatusCode);
    }

    Task IAsyncLifetime.DisposeAsync() => Task.CompletedTask;

    // Asked for while a component waits too, on whose thread an answer would never arrive.
    private PlanFacts Current => Task.Run(() => _app.Services.GetRequiredService<PlanQueries>().Current(default)).GetAwaiter().GetResult();

    private async Task Change<T>(Func<ChangePlan, Task<Outcome<T>>> change)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        (await change(scope.ServiceProvider.GetRequiredService<ChangePlan>())).Must();
    }
}
