using System.Globalization;
using InviteAdmin.Live;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Shared;

/// <summary>A moment in the workspace's zone: short to read, exact on hover and focus.</summary>
public sealed partial class TimeText
{
    [Inject]
    public required WorkspaceZone Zone { get; init; }

    [Parameter, EditorRequired]
    public DateTimeOffset? At { get; set; }

    /// <summary>What stands there when there is no moment.</summary>
    [Parameter]
    public string None { get; set; } = "–";

    private string Exact(DateTimeOffset at) =>
        $"{Zone.Local(at).ToString("ddd d MMM yyyy, HH:mm:ss", CultureInfo.InvariantCulture)} {Zone.Current.Id}";

    private string Short(DateTimeOffset at)
    {
        var local = Zone.Local(at);
        var date = DateOnly.FromDateTime(local.DateTime);
        var format = date == Zone.Today ? "HH:mm" : date.Year == Zone.Today.Year ? "d MMM, HH:mm" : "d MMM yyyy";
        return local.ToString(format, CultureInfo.InvariantCulture);
    }
}
