using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>How the installation is, for owners and developers, with a check of the invariants on demand and a text to send on.</summary>
public sealed partial class SystemPage : DashboardPage<NoView>
{
    private InvariantReport? _invariants;
    private bool _refused;
    private bool _checking;
    private string? _said;

    [PersistentState]
    public SystemFacts? Facts { get; set; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        var outcome = await AsStaff.Ask<InspectSystem, Outcome<SystemFacts>>((x, actor) => x.Now(actor, cancel));
        (Facts, _refused) = (outcome.Value, outcome.Failure is InviteAdmin.Results.NotAllowed);
    }

    private async Task Check()
    {
        if (_checking)
        {
            return;
        }

        _checking = true;
        StateHasChanged();
        try
        {
            var outcome = await AsStaff.Ask<InspectSystem, Outcome<InvariantReport>>((x, actor) => x.Invariants(actor, CancellationToken.None));
            (_invariants, _said) = (outcome.Value ?? _invariants, outcome.Failure?.Detail);
        }
        catch (Exception away) when (Absence.MayPass(away))
        {
            _said = "The database does not answer at this moment. Nothing was checked.";
        }
        finally
        {
            _checking = false;
        }
    }
}
