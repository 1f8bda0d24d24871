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
        Log.Log(level, exception, "Page {Path} failed ({FaultId}).", Place(Navigation.Uri), FaultId);
        return Task.CompletedTask;
    }

    // The page, not what it shows: a code or a person is named further on in the path.
    private static string Place(string address) => string.Join('/', new Uri(address).AbsolutePath.Split('/').Take(3));

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
