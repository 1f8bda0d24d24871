using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Invites;

/// <summary>Everything a code's page shows, read together; no detail when there is no such code.</summary>
public sealed record CodePageFacts(CodeDetail? Detail, IReadOnlyList<CodeUse> Uses, IReadOnlyList<CodeRefusal> Refusals);

/// <summary>One code: who used it, who tried in vain, and what can be done with it.</summary>
public sealed partial class CodePage : DashboardPage<CodeView>
{
    private bool _mayUndo;

    [Parameter]
    public required string Code { get; set; }

    [PersistentState]
    public CodePageFacts? Facts { get; set; }

    [Inject]
    public required TimeProvider Time { get; init; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        var (code, page) = (Code, View.Page);
        var detail = await AsStaff.Read<CodePageQueries, CodeDetail?>(q => q.Find(code, cancel));
        if (detail is null)
        {
            Facts = new(null, [], []);
            return;
        }

        var uses = detail.Used == 0 ? [] : await AsStaff.Read<CodePageQueries, IReadOnlyList<CodeUse>>(q => q.Uses(code, page, cancel));
        var refusals = detail.Refused == 0 ? [] : await AsStaff.Read<CodePageQueries, IReadOnlyList<CodeRefusal>>(q => q.Refusals(code, cancel));
        Facts = new(detail, uses, refusals);
    }

    protected override async Task OnParametersSetAsync() => _mayUndo = (await AsStaff.Actor()).Refuse(Permission.Assist) is null;

    private async Task Undo()
    {
        var outcome = await AsStaff.Do<UndoRevocation, RevocationUndone>((x, actor) => x.OfCode(actor, Code, CancellationToken.None));
        await Reload();
        Notices.Say(outcome.Failure?.Detail ?? $"{Facts?.Detail?.Code ?? Code} works again.");
    }
}
