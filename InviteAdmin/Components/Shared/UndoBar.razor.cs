using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Shared;

/// <summary>One line with a countdown and the way back. The countdown is for the eye; a screen reader hears the sentence once.</summary>
public sealed partial class UndoBar : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private int _left;
    private bool _over;

    [Inject]
    public required TimeProvider Time { get; init; }

    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>When the way back closes.</summary>
    [Parameter, EditorRequired]
    public DateTimeOffset Until { get; set; }

    /// <summary>The words before the seconds.</summary>
    [Parameter]
    public string Tail { get; set; } = "";

    [Parameter]
    public bool Countdown { get; set; } = true;

    [Parameter]
    public EventCallback OnUndo { get; set; }

    [Parameter]
    public EventCallback OnOver { get; set; }

    [Parameter]
    public EventCallback OnDismiss { get; set; }

    protected override void OnInitialized() => _left = Left();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = InvokeAsync(Tick);
        }
    }

    private int Left() => Math.Max(0, (int)Math.Ceiling((Until - Time.GetUtcNow()).TotalSeconds));

    private async Task Tick()
    {
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), Time);
            while (Left() > 0 && await timer.WaitForNextTickAsync(_gone.Token))
            {
                _left = Left();
                StateHasChanged();
            }

            if (!_over)
            {
                _over = true;
                await OnOver.InvokeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The bar is gone.
        }
    }

    private async Task Undo()
    {
        if (!_over)
        {
            _over = true;
            await OnUndo.InvokeAsync();
        }
    }

    public void Dispose() => _gone.Cancel();
}
