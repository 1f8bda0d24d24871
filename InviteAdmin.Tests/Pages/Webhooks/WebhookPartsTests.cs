using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Webhooks;
using InviteAdmin.Components.Shared;
using InviteAdmin.Tests.Pages.Workspace;
using InviteAdmin.Webhooks;

namespace InviteAdmin.Tests.Pages.Webhooks;

public sealed class WebhookPartsTests : StaffContext
{
    private static readonly DeliveryRow Row = new(7, "evt_1", "waitlist.joined", "wl_ann", "dead", 10, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null, 500, "It answered 500.", false);

    [Fact]
    public void EventChoice_All_OpensToEveryTypeAndChoosesThem()
    {
        IReadOnlyList<string>? chosen = null;
        var choice = Render<EventChoice>(p => p.Add(c => c.Chosen, chosen).Add(c => c.ChosenChanged, to => chosen = to));
        Assert.Single(choice.FindAll("input"));

        choice.Find("input").Change(false);
        choice.Render(p => p.Add(c => c.Chosen, chosen));
        Assert.Equal(WebhookEvent.All.Count + 1, choice.FindAll("input").Count);
        choice.FindAll("input")[1].Change(true);
        Assert.Equal(["waitlist.joined"], chosen);
    }

    [Fact]
    public void DeliveryList_EveryState_LeadsOn()
    {
        var none = List([], filtered: false);
        Assert.Contains("Nothing to deliver yet", none.Markup, StringComparison.Ordinal);
        Assert.Contains("Clear filters", List([], filtered: true).Markup, StringComparison.Ordinal);

        var list = List([Row, Row with { Id = 6, State = "pending", InTheAir = true, Subject = "rollout" }], more: true);
        Assert.Equal(["/open/7", "/open/6"], list.FindAll("td.lead a").Select(a => a.GetAttribute("href")));
        Assert.Equal(["/admin/people/wl_ann", "/admin/rollout"], list.FindAll("td[data-name=About] a").Select(a => a.GetAttribute("href")));
        Assert.Contains("in the air", list.Markup, StringComparison.Ordinal);
        Assert.Equal("/page/6", list.Find("a[rel=next]").GetAttribute("href"));
    }

    [Fact]
    public void DeliveryPart_AnswerWithMarkup_StaysTextAndViewersMayNotResend()
    {
        SignInAs(Role.Viewer);
        var attempt = new DeliveryAttempt(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, false, 500, "It answered 500.", 12, "https://example.com/", "<script>alert(1)</script>", "app:1");
        var part = Part(new(Row, """{"type":"waitlist.joined"}""", [attempt]));
        Assert.Empty(part.FindAll("script"));
        Assert.Contains("<script>alert(1)</script>", part.Find("details pre").TextContent, StringComparison.Ordinal);
        Assert.Equal("This needs the role Owner or Developer.", part.Find("button[aria-disabled]").GetAttribute("title"));
        Assert.Contains("There is no such delivery", Part(null).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void DeliveryPart_Developer_SendsAgain()
    {
        SignInAs(Role.Developer);
        var resent = 0L;
        Part(new(Row, "{}", []), id => resent = id).FindAll("button").Single(b => b.TextContent.Contains("Send again", StringComparison.Ordinal)).Click();
        Assert.Equal(7, resent);
    }

    [Fact]
    public void SecretShown_CanBeCopied() =>
        Assert.Equal("whsec_abc", Render<SecretShown>(p => p.Add(s => s.Secret, "whsec_abc").Add(s => s.Sentence, "Added.")).Find("button").GetAttribute("data-copy"));

    private IRenderedComponent<DeliveryList> List(IReadOnlyList<DeliveryRow> rows, bool filtered = false, bool more = false) => Render<DeliveryList>(p => p
        .Add(l => l.Rows, new DeliveryRows(rows, more)).Add(l => l.News, RowNews.None).Add(l => l.Open, id => $"/open/{id}").Add(l => l.Page, id => $"/page/{id}")
        .Add(l => l.IsFiltered, filtered).Add(l => l.IsFirst, true).Add(l => l.ClearHref, "/clear"));

    private IRenderedComponent<DeliveryPart> Part(DeliveryDetail? delivery, Action<long>? resend = null) => Render<DeliveryPart>(p => p
        .Add(d => d.Delivery, delivery).Add(d => d.CloseHref, "/close").Add(d => d.MayResend, true).Add(d => d.OnResend, id => resend?.Invoke(id)));
}
