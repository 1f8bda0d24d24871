using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Outbox;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>Who is told when something needs a person: colleagues by mail, and a chat.</summary>
public sealed partial class AlertSettings
{
    private ConfirmDialog? _remove;
    private string? _url;
    private string _request = NewRequest();
    private bool _may;
    private bool _busy;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Parameter, EditorRequired]
    public required StaffChatFacts Facts { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnSaved { get; set; }

    protected override async Task OnParametersSetAsync() => _may = (await AsStaff.Actor()).Refuse(Permission.Administer) is null;

    private static string NewRequest() => Guid.NewGuid().ToString("N");

    private async Task Save()
    {
        var url = _url;
        if (await Do((chat, actor) => chat.Save(actor, url, CancellationToken.None)))
        {
            _url = null;
            await OnSaved.InvokeAsync("Saved. Send a test to see it arrive.");
        }
    }

    private async Task Test()
    {
        var request = _request;
        if (await Do((chat, actor) => chat.Test(actor, request, CancellationToken.None)))
        {
            _request = NewRequest();
            await OnSaved.InvokeAsync("The test is on its way.");
        }
    }

    private async Task<string?> Remove()
    {
        if (await Do((chat, actor) => chat.Remove(actor, CancellationToken.None)))
        {
            await OnSaved.InvokeAsync("Removed. Nothing is posted there any more.");
        }

        return _said;
    }

    private async Task<bool> Do<T>(Func<StaffChat, Actor, Task<Outcome<T>>> work)
    {
        if (_busy || !_may)
        {
            return false;
        }

        _busy = true;
        var outcome = await AsStaff.Do(work);
        _busy = false;
        _wrong = outcome.Failure as Invalid;
        _said = outcome.Failure is null or Invalid ? null : outcome.Failure.Detail;
        return outcome.Succeeded;
    }
}
