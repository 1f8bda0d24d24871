using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using InviteAdmin.Webhooks;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Webhooks;

/// <summary>What the page of an endpoint found.</summary>
/// <param name="Open">The delivery the address names; null when there is none.</param>
public sealed record WebhookPageFacts(WebhookFacts? Endpoint, DeliveryRows Deliveries, DeliveryDetail? Open);

/// <summary>One endpoint: how it answers, what it hears of, its deliveries, and what may be done about it.</summary>
public sealed partial class WebhookPage : DashboardPage<WebhookView>
{
    private ConfirmDialog? _rotate;
    private ConfirmDialog? _remove;
    private ConfirmDialog? _replay;
    private RowNews _news = RowNews.None;
    private IReadOnlyList<string>? _events;
    private string? _secret;
    private string? _about;
    private DateTime? _since;
    private string? _sinceShown;
    private string? _replayKey;
    private bool _may;
    private bool _begun;
    private Invalid? _wrong;

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    [Parameter]
    public string Id { get; set; } = "";

    [PersistentState]
    public WebhookPageFacts? Facts { get; set; }

    protected override bool HasData => Facts is not null;

    protected override async Task OnInitializedAsync()
    {
        _may = (await AsStaff.Actor()).Refuse(Permission.Integrate) is null;
        await base.OnInitializedAsync();
        _events = Facts?.Endpoint?.Events;
        _since = Zone.Today.ToDateTime(TimeOnly.MinValue);
    }

    protected override async Task Load(CancellationToken cancel)
    {
        var (view, following) = (View, IsFollowing);
        if (!_begun)
        {
            (_begun, _about) = (true, view.About);
        }

        var rows = await AsStaff.Read<WebhookQueries, DeliveryRows>(q => q.Deliveries(Id, new(view.State, view.Type, view.About), view.Before, Pager.Size, cancel));
        var (held, news) = following ? RowNews.Hold(Facts!.Deliveries.Rows, rows.Rows, r => r.Id) : (rows.Rows, RowNews.None);
        var open = view.Delivery is { } id ? await AsStaff.Read<WebhookQueries, DeliveryDetail?>(q => q.Delivery(Id, id, cancel)) : null;
        Facts = new(await AsStaff.Read<WebhookQueries, WebhookFacts?>(q => q.Find(Id, cancel)), rows with { Rows = held }, open);
        _news = news;
    }

    private static string? Chosen(ChangeEventArgs e) => e.Value as string is { Length: > 0 } value ? value : null;

    private void Filter(WebhookView view) => Go(view with { Before = null, Delivery = null });

    private void Search() => Filter(View with { About = string.IsNullOrWhiteSpace(_about) ? null : _about.Trim() });

    private async Task Test()
    {
        var outcome = await AsStaff.Do<SendWebhook, QueuedWebhook>((x, actor) => x.Test(actor, Id, CancellationToken.None));
        Notices.Say(outcome.Failure?.Detail ?? "The test event is on its way.");
        if (outcome.Succeeded)
        {
            Go(View with { Delivery = outcome.Value.DeliveryId });
        }
    }

    private async Task Change(Func<ChangeWebhook, Actor, Task<Outcome<bool>>> change, string said)
    {
        var outcome = await AsStaff.Do(change);
        _wrong = outcome.Failure as Invalid;
        if (_wrong is null)
        {
            Notices.Say(outcome.Failure?.Detail ?? said);
        }

        await Reload();
    }

    private async Task Disable()
    {
        var outcome = await AsStaff.Do<ChangeWebhook, bool>((x, actor) => x.Disable(actor, Id, null, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Done("Switched off. Nothing is sent to it any more.", Enable);
        }
        else
        {
            Notices.Say(outcome.Failure.Detail);
        }

        await Reload();
    }

    private Task Enable() => Change((x, actor) => x.Enable(actor, Id, CancellationToken.None), "Switched on. What waited goes on.");

    private Task Choose() => Change((x, actor) => x.Choose(actor, Id, _events, CancellationToken.None), "Saved. It counts for what happens from now on.");

    private async Task<string?> Rotate()
    {
        var outcome = await AsStaff.Do<ChangeWebhook, NewWebhook>((x, actor) => x.Rotate(actor, Id, CancellationToken.None));
        if (outcome.Succeeded)
        {
            _secret = outcome.Value.Secret;
            await Reload();
        }

        return outcome.Failure?.Detail;
    }

    private async Task<string?> Remove()
    {
        var outcome = await AsStaff.Do<ChangeWebhook, bool>((x, actor) => x.Remove(actor, Id, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Say("Removed.");
            Navigation.NavigateTo("/admin/webhooks");
        }

        return outcome.Failure?.Detail;
    }

    private void AskReplay()
    {
        if (_since is { } since && _may)
        {
            (_sinceShown, _replayKey) = (since.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture), Guid.NewGuid().ToString("N"));
            _replay?.Open();
        }
    }

    private async Task<string?> Replay()
    {
        var since = new DateTimeOffset(_since!.Value, Zone.Current.GetUtcOffset(_since.Value)).ToUniversalTime();
        var outcome = await AsStaff.Do<ReplayWebhooks, string>((x, actor) => x.Start(actor, Id, since, _replayKey!, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Say("The replay has begun.");
            await Reload();
        }

        return outcome.Failure?.Detail;
    }

    private void Resend(long delivery) => Notices.Soon("It is sent again.", async () =>
    {
        var outcome = await AsStaff.Do<SendWebhook, QueuedWebhook>((x, actor) => x.Resend(actor, Id, delivery, CancellationToken.None));
        if (!outcome.Succeeded)
        {
            Notices.Say(outcome.Failure.Detail);
        }

        if (!IsGone)
        {
            await InvokeAsync(Reload);
        }
    });
}
