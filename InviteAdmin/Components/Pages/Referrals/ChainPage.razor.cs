using System.Globalization;
using InviteAdmin.Components.Pages.Insights;
using InviteAdmin.Components.Shared;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using InviteAdmin.Referrals;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Referrals;

/// <summary>Everything the page of a chain shows before a branch is opened; no head when there is no such member.</summary>
public sealed record ChainFacts(ChainHead? Head, IReadOnlyList<ChainStep> Path, ChainLevel First, ChainDrawing Drawing, ChainDepths Depths, DateTimeOffset? CountedAt);

/// <summary>One member's chain: who brought them, whom they brought, and whom those brought.</summary>
public sealed partial class ChainPage : DashboardPage<NoView>
{
    private string _shown = "";

    [Parameter]
    public required string Id { get; set; }

    [PersistentState]
    public ChainFacts? Facts { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        var id = _shown = Id;
        await AsStaff.CountOnce(cancel);
        var head = await AsStaff.Read<ChainQueries, ChainHead?>(q => q.Head(id, cancel));
        if (head is null)
        {
            Facts = new(null, [], new([], 0), new([], false), new([], false), null);
            return;
        }

        var path = await AsStaff.Read<ChainQueries, IReadOnlyList<ChainStep>>(q => q.Path(id, cancel));
        var first = await AsStaff.Read<ChainQueries, ChainLevel>(q => q.Below(id, 0, cancel));
        var drawing = await AsStaff.Read<ChainQueries, ChainDrawing>(q => q.Nearest(id, cancel));
        var depths = await AsStaff.Read<ChainQueries, ChainDepths>(q => q.Depths(id, cancel));
        Facts = new(head, path, first, drawing, depths, await AsStaff.Read<InsightQueries, DateTimeOffset?>(q => q.CountedAt(cancel)));
    }

    // A link from one chain to another keeps this component and changes its parameter.
    protected override async Task OnParametersSetAsync()
    {
        if (_shown.Length > 0 && _shown != Id)
        {
            await Reload();
        }

        _shown = Id;
    }

    private string Sentence(ChainHead head) =>
        $"{char.ToUpperInvariant(head.Tier[0])}{head.Tier[1..]} member since {Zone.Local(head.RegisteredAt).ToString("d MMM yyyy", CultureInfo.InvariantCulture)}"
        + (Facts!.Path.Count == 0 ? ", who came in without a friend." : $", brought by {Facts.Path[^1].Name}.");

    private static string Depth(int depth) => depth == 0 ? "nobody yet" : $"down to {Say.Count(depth, "step", "steps")}";
}
