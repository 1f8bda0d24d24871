using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Waitlist;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Shared;

public sealed class SharedComponentTests : BunitContext
{
    public SharedComponentTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System);
    }

    [Fact]
    public void NumberCard_ShareOfFewerThanTwenty_SaysTooFewWithItsFraction()
    {
        var card = Render<NumberCard>(p => p.Add(c => c.Label, "Conversion").Add(c => c.Value, 7).Add(c => c.Of, 19));

        Assert.Equal("too few", card.Find(".value").TextContent.Trim());
        Assert.Equal("7 of 19", card.Find(".note").TextContent);
    }

    [Fact]
    public void NumberCard_ShareOfEnough_SaysPercentAndLeadsToTheRows()
    {
        var card = Render<NumberCard>(p => p.Add(c => c.Label, "Conversion").Add(c => c.Value, 936).Add(c => c.Of, 1200).Add(c => c.Href, "/admin/cohorts"));

        card.Find(".value a").MarkupMatches("""<a href="/admin/cohorts">78 %</a>""");
        Assert.Equal("936 of 1,200", card.Find(".note").TextContent);
    }

    [Fact]
    public void Pager_MiddlePage_LeadsBothWays()
    {
        var pager = Render<Pager>(p => p.Add(c => c.Page, 2).Add(c => c.Total, 130).Add(c => c.Href, page => $"/x?page={page}"));

        Assert.Equal("51–100 of 130", pager.Find("[role=status]").TextContent);
        Assert.Equal(["/x?page=1", "/x?page=3"], pager.FindAll("a").Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public void Pager_OnePage_HasNoLinks() =>
        Assert.Empty(Render<Pager>(p => p.Add(c => c.Page, 1).Add(c => c.Total, 50).Add(c => c.Href, _ => "")).FindAll("a"));

    [Fact]
    public void PermissionButton_RoleWithoutIt_IsDisabledAndSaysWhichRole()
    {
        AddAuthorization().SetAuthorized("support@example.com").SetRoles(Role.Support);

        var button = Render<PermissionButton>(p => p.Add(c => c.Permission, Permission.Release).Add(c => c.Text, "Invite next…")).Find("button");

        Assert.Equal("true", button.GetAttribute("aria-disabled"));
        Assert.Contains("the role Owner or Growth", button.GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void PermissionButton_RoleWithIt_Works()
    {
        AddAuthorization().SetAuthorized("growth@example.com").SetRoles(Role.Growth);
        var pressed = 0;

        var button = Render<PermissionButton>(p => p.Add(c => c.Permission, Permission.Release).Add(c => c.Text, "Invite next…").Add(c => c.OnClick, () => pressed++)).Find("button");
        button.Click();

        Assert.Equal(1, pressed);
        Assert.Null(button.GetAttribute("aria-disabled"));
    }

    [Fact]
    public void ConfirmDialog_WordToType_OpensTheButtonOnlyWhenTyped()
    {
        var done = 0;
        var dialog = Render<ConfirmDialog>(p => p.Add(c => c.Title, "Invite 600 people?").Add(c => c.Yes, "Invite 600 people").Add(c => c.TypeToConfirm, "600")
            .Add(c => c.OnYes, () => { done++; return Task.FromResult<string?>(null); }));
        Assert.Empty(dialog.FindAll("dialog"));

        dialog.InvokeAsync(dialog.Instance.Open);
        Assert.True(dialog.Find("button.main").HasAttribute("disabled"));
        dialog.Find("input").Input("600");
        dialog.Find("button.main").Click();

        Assert.Equal(1, done);
        Assert.Empty(dialog.FindAll("dialog"));
    }

    [Fact]
    public void ConfirmDialog_Refused_StaysAndSaysWhy()
    {
        var dialog = Render<ConfirmDialog>(p => p.Add(c => c.Title, "Recall?").Add(c => c.Yes, "Recall").Add(c => c.OnYes, () => Task.FromResult<string?>("Cohort 3 is gone.")));

        dialog.InvokeAsync(dialog.Instance.Open);
        dialog.Find("button.main").Click();

        Assert.Equal("Cohort 3 is gone.", dialog.Find("[role=alert]").TextContent);
    }

    [Fact]
    public void UndoBar_Undone_HappensOnceAndNotWhenTimeIsOver()
    {
        var (undone, over) = (0, 0);
        var bar = Render<UndoBar>(p => p.Add(c => c.Text, "100 people invited.").Add(c => c.Until, DateTimeOffset.UtcNow.AddSeconds(42)).Add(c => c.Tail, "Mail goes out in")
            .Add(c => c.OnUndo, () => undone++).Add(c => c.OnOver, () => over++));

        Assert.Contains("Mail goes out in 4", bar.Find(".undo").TextContent, StringComparison.Ordinal);
        bar.Find("button").Click();
        bar.Find("button").Click();

        Assert.Equal((1, 0), (undone, over));
    }

    [Fact]
    public void PagePart_LoadingFailedReady_EachHasItsFace()
    {
        var part = Render<PagePart>(p => p.Add(c => c.HasData, false).Add(c => c.Fault, null).AddChildContent("rows"));
        Assert.Equal("Loading", part.Find("[role=status]").GetAttribute("aria-label"));

        part.Render(p => p.Add(c => c.Fault, new PageFault("0123456789ab", Passes: false, KeepsData: false)));
        Assert.Equal("0123456789ab", part.Find("[data-copy]").GetAttribute("data-copy"));

        part.Render(p => p.Add(c => c.Fault, new PageFault("0123456789ab", Passes: true, KeepsData: false)));
        Assert.Equal("The database does not answer at this moment", part.Find("[data-away] h2").TextContent);

        part.Render(p => p.Add(c => c.Fault, new PageFault("0123456789ab", Passes: true, KeepsData: true)).Add(c => c.HasData, true));
        Assert.NotNull(part.Find("[data-away].notice"));
        Assert.EndsWith("rows", part.Markup, StringComparison.Ordinal);

        part.Render(p => p.Add(c => c.Fault, null).Add(c => c.HasData, true));
        Assert.Equal("rows", part.Markup);
    }

    [Fact]
    public void NothingMatches_OffersToClearTheFilters() =>
        Assert.Equal("/admin/waitlist", Render<NothingMatches>(p => p.Add(c => c.What, "entry").Add(c => c.ClearHref, "/admin/waitlist")).Find("a").GetAttribute("href"));

    [Fact]
    public void NotAllowed_NamesTheRoles() =>
        Assert.Contains("Owner or Growth", Render<NotAllowed>(p => p.Add(c => c.What, "Inviting people").Add(c => c.Permission, Permission.Release)).Markup, StringComparison.Ordinal);

    [Theory]
    [InlineData(nameof(EntryStatus.Waiting))]
    [InlineData("dead")]
    [InlineData("revoked")]
    public void StateTag_SaysTheStateInAWordToo(string state) => Assert.NotEmpty(Render<StateTag>(p => p.Add(c => c.Of, state)).Find(".state").TextContent.Trim());
}
