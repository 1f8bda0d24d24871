using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Results;
using InviteAdmin.Webhooks;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Webhooks;

/// <summary>The endpoints with how well they answer, and the form that adds one.</summary>
public sealed partial class WebhooksPage : DashboardPage<WebhooksView>
{
    private NewWebhook? _made;
    private string? _url;
    private string? _note;
    private IReadOnlyList<string>? _events;
    private bool _may;
    private bool _busy;
    private string? _said;
    private Invalid? _wrong;

    [PersistentState]
    public IReadOnlyList<WebhookFacts>? Endpoints { get; set; }

    protected override bool HasData => Endpoints is not null;

    protected override async Task OnInitializedAsync()
    {
        _may = (await AsStaff.Actor()).Refuse(Permission.Integrate) is null;
        await base.OnInitializedAsync();
    }

    protected override async Task Load(CancellationToken cancel) => Endpoints = await AsStaff.Read<WebhookQueries, IReadOnlyList<WebhookFacts>>(q => q.List(cancel));

    internal static RenderFragment Share(WebhookTries tries) => builder =>
    {
        builder.OpenElement(0, "span");
        builder.AddContent(1, tries.Tries == 0 ? "no tries" : $"{Say.Percent(tries.Succeeded, tries.Tries)} of {Say.Number(tries.Tries)}");
        builder.CloseElement();
        if (tries.Milliseconds95 is { } slow)
        {
            builder.OpenElement(2, "div");
            builder.AddAttribute(3, "class", "reason");
            builder.AddContent(4, $"95 of 100 within {Say.Number(slow)} ms");
            builder.CloseElement();
        }
    };

    private async Task Add()
    {
        if (_busy || !_may)
        {
            return;
        }

        _busy = true;
        var request = new WebhookRequest(_url, _events, _note);
        var outcome = await AsStaff.Do<AddWebhook, NewWebhook>((x, actor) => x.One(actor, request, CancellationToken.None));
        _busy = false;
        _wrong = outcome.Failure as Invalid;
        _said = outcome.Failure is null or Invalid ? null : outcome.Failure.Detail;
        if (outcome.Succeeded)
        {
            (_made, _url, _note, _events) = (outcome.Value, null, null, null);
            Go(new());
        }
    }
}
