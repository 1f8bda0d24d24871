using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Live;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Referrals;

/// <summary>Everybody below a member as a tree, each level read when it is opened.</summary>
public sealed partial class ChainTree
{
    private Branch _root = new(null, "");
    private string? _failure;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Parameter, EditorRequired]
    public required string UserId { get; set; }

    [Parameter, EditorRequired]
    public required string Name { get; set; }

    /// <summary>Those directly below, as the page has read them.</summary>
    [Parameter, EditorRequired]
    public required ChainLevel First { get; set; }

    // Once it is shown it stays as it was opened: a list that others change must not move under the cursor.
    protected override void OnInitialized()
    {
        _root = new(null, UserId);
        _root.Add(First);
    }

    private async Task Twist(Branch branch)
    {
        branch.IsOpen = !branch.IsOpen;
        if (branch.IsOpen && branch.Children.Count == 0)
        {
            await Grow(branch);
        }
    }

    private async Task Grow(Branch branch)
    {
        try
        {
            _failure = null;
            var after = branch.Children.Count == 0 ? 0 : branch.Children[^1].Member!.Key;
            branch.Add(await AsStaff.Read<ChainQueries, ChainLevel>(q => q.Below(branch.UserId, after, CancellationToken.None)));
        }
        catch (Exception away) when (Absence.MayPass(away))
        {
            _failure = new Unavailable().Detail;
        }
    }

    private static string About(ChainChild child) => string.Join(
        " · ",
        (string[])[child.Tier, child.Credited > 0 ? $"brought {Say.Number(child.Credited)}" : "brought nobody yet", .. child.Downstream > child.Credited ? [$"{Say.Number(child.Downstream)} below"] : Array.Empty<string>()]);

    private static string More(Branch parent) => $"Show {Say.Number(Math.Min(ChainQueries.Step, parent.Left))} more of {Say.Number(parent.Total)}";

    private sealed class Branch(ChainChild? member, string userId)
    {
        public ChainChild? Member => member;

        public string UserId => userId;

        public bool IsOpen { get; set; }

        public List<Branch> Children { get; } = [];

        public long Total { get; private set; }

        public long Left => Total - Children.Count;

        public void Add(ChainLevel level)
        {
            Children.AddRange(level.Children.Select(c => new Branch(c, c.UserId)));
            // A step without anybody is the last, whatever the number said when it was read.
            Total = level.Children.Count < ChainQueries.Step ? Children.Count : level.Total;
        }
    }
}
