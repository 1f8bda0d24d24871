using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.People;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.People;

/// <summary>What the page found: a person, or that there is none.</summary>
public sealed record PersonPageFacts(PersonFacts? Person);

/// <summary>One person for support: what happened in a sentence, what can be done, and every code, mail and point.</summary>
public sealed partial class PersonPage : DashboardPage<NoView>
{
    private const int Given = 3;
    private ConfirmDialog? _give;
    private string _shown = "";

    [Parameter]
    public required string Id { get; set; }

    [PersistentState]
    public PersonPageFacts? Facts { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        _shown = Id;
        Facts = new(await AsStaff.Read<PersonQueries, PersonFacts?>(q => q.Find(Id, cancel)));
    }

    // A link from one person to another keeps this component and changes its parameter.
    protected override async Task OnParametersSetAsync()
    {
        if (_shown.Length > 0 && _shown != Id)
        {
            await Reload();
        }

        _shown = Id;
    }

    private async Task<string?> Give()
    {
        var member = Facts!.Person!.Member!;
        var outcome = await AsStaff.Do<IssueCodes, IReadOnlyList<GivenCode>>((x, actor) => x.ToMember(actor, member.Id, Given, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Say($"{member.Name} has {Given} more codes.");
            await Reload();
        }

        return outcome.Failure?.Detail;
    }
}
