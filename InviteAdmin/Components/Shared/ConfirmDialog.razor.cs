using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace InviteAdmin.Components.Shared;

/// <summary>Asks before something that cannot be taken back or reaches many: a sentence, sometimes a word to type, a verb as the button.</summary>
public sealed partial class ConfirmDialog
{
    private ElementReference _dialog;
    private int _opening;
    private bool _open;
    private bool _shown;
    private bool _busy;
    private bool _done;
    private string? _typed;
    private string? _failure;

    [Inject]
    public required IJSRuntime Script { get; init; }

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>The button that does it: a verb.</summary>
    [Parameter, EditorRequired]
    public required string Yes { get; set; }

    [Parameter]
    public string No { get; set; } = "Cancel";

    [Parameter]
    public bool Danger { get; set; }

    /// <summary>Given, the button works only after this was typed.</summary>
    [Parameter]
    public string? TypeToConfirm { get; set; }

    /// <summary>Does it; a sentence when it could not be done, null when it was.</summary>
    [Parameter, EditorRequired]
    public required Func<Task<string?>> OnYes { get; set; }

    /// <summary>It was closed without doing it.</summary>
    [Parameter]
    public EventCallback OnNo { get; set; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    private bool MayConfirm => !_busy && (TypeToConfirm is null || _typed?.Trim() == TypeToConfirm);

    public void Open()
    {
        _opening++;
        (_open, _shown, _busy, _done, _typed, _failure) = (true, false, false, false, null, null);
        StateHasChanged();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_open && !_shown)
        {
            _shown = true;
            await Script.InvokeVoidAsync("inviteAdmin.open", _dialog);
        }
    }

    private async Task Confirm()
    {
        if (!MayConfirm)
        {
            return;
        }

        _busy = true;
        try
        {
            _failure = await OnYes();
        }
        finally
        {
            _busy = false;
        }

        if (_failure is null)
        {
            _done = true;
            await Close();
        }
    }

    // The browser closes it, so that the focus goes back to where it was; then it leaves the page.
    private async Task Close()
    {
        var opening = _opening;
        await Script.InvokeVoidAsync("inviteAdmin.close", _dialog);
        await Closed(opening);
    }

    // The browser tells of a closing a moment later, when the dialog may have been opened anew already.
    private async Task Closed(int opening)
    {
        if (!_open || opening != _opening)
        {
            return;
        }

        _open = false;
        if (!_done)
        {
            await OnNo.InvokeAsync();
        }
    }
}
