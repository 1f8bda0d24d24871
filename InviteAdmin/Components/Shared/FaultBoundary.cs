using InviteAdmin.Data;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Shared;

/// <summary>Catches what a page throws, and writes it to the log under the number that the person is shown.</summary>
public sealed class FaultBoundary : ErrorBoundaryBase
{
    [Inject]
    public required ILogger<FaultBoundary> Log { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>What to tell whoever runs the installation; a new one for each fault.</summary>
    public string FaultId { get; private set; } = "";

    protected override Task OnErrorAsync(Exception exception)
    {
        FaultId = Guid.NewGuid().ToString("N")[..12];
        var level = Absence.MayPass(exception) ? LogLevel.Warning : LogLevel.Error;
        Log.Log(level, exception, "Page {Path} failed ({FaultId}).", new Uri(Navigation.Uri).AbsolutePath, FaultId);
        return Task.CompletedTask;
    }

    protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
    {
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
        }
        else if (ErrorContent is not null)
        {
            builder.AddContent(1, ErrorContent(CurrentException));
        }
    }
}
