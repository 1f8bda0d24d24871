using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.People;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.People;

/// <summary>What the page found: a person with a page of their timeline, or that there is none.</summary>
public sealed record PersonPageFacts(PersonFacts? Person, TimelineRows? Timeline, MailStanding? Mail = null);

/// <summary>One person for support: what happened and what to do about it in two sentences, the actions, and everything that ever was.</summary>
public sealed partial class PersonPage : DashboardPage<PersonView>
{
    private const int Given = 3;
    private ConfirmDialog? _give;
    private string _shown = "";
    private bool _mayRelease;

    [Parameter]
    public required string Id { get; set; }

    [PersistentState]
    public PersonPageFacts? Facts { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    protected override bool HasData => Facts is not null;

    private SupportAnswer Answer => SupportSentence.Of(Facts!.Person!, Time.GetUtcNow(), Zone.Current);

    protected override async Task Load(CancellationToken cancel)
    {
        _shown = Id;
        var view = View;
        var person = await AsStaff.Read<PersonQueries, PersonFacts?>(q => q.Find(Id, cancel));
        var timeline = person is null || view.Show != PersonTab.Timeline ? null : await AsStaff.Read<TimelineQueries, TimelineRows>(q => q.Page(Id, view.Kind, view.Page, cancel));
        var mail = person is null ? null : await AsStaff.Read<SuppressionQueries, MailStanding>(q => q.Of(person.Email, cancel));
        Facts = new(person, timeline, mail);
    }

    // A link from one person to another keeps this component and changes its parameter.
    protected override async Task OnParametersSetAsync()
    {
        _mayRelease = (await AsStaff.Actor()).Refuse(Permission.Release) is null;
        if (_shown.Length > 0 && _shown != Id)
        {
            await Reload();
        }

        _shown = Id;
    }

    private static IEnumerable<(PersonTab Tab, string Text)> Tabs(PersonFacts person)
    {
        yield return (PersonTab.Timeline, "Timeline");
        yield return (PersonTab.Codes, Counted("Codes", person.Codes.Count));
        yield return (PersonTab.Mails, Counted("Mails", person.Mails.Count));
        if (person.Entry is not null)
        {
            yield return (PersonTab.Points, "Points");
        }

        yield return (PersonTab.Brought, Counted("Brought", person.Brought.Count));
        yield return (PersonTab.Notes, Counted("Notes", person.Notes.Count));
    }

    private static string Counted(string name, int count) => count == 0 ? name : $"{name} {Say.Number(count)}";

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

    private async Task Undo(string cohort)
    {
        var outcome = await AsStaff.Do<RecallCohort, int>((x, actor) => x.Undo(actor, cohort, CancellationToken.None));
        Notices.Say(outcome.Failure?.Detail ?? "Undone: no mail was sent, and they wait again at their old place.");
        await Reload();
    }
}
