using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.People;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.People;

/// <summary>What colleagues wrote about a person; everybody deletes only their own.</summary>
public sealed partial class PersonNotes
{
    private ConfirmDialog? _delete;
    private PersonNote? _asked;
    private string? _text;
    private string? _wrong;
    private string _me = "";
    private string _requestKey = Guid.NewGuid().ToString("N");
    private bool _busy;
    private bool _mayNot;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Parameter, EditorRequired]
    public required string PersonId { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<PersonNote> Notes { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnChange { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var actor = await AsStaff.Actor();
        _me = actor.Id;
        _mayNot = actor.Refuse(Permission.Assist) is not null;
    }

    private async Task Add()
    {
        if (_busy || _mayNot)
        {
            return;
        }

        _busy = true;
        var outcome = await AsStaff.Do<NotePerson, long>((x, actor) => x.Add(actor, PersonId, _text, _requestKey, CancellationToken.None));
        _busy = false;
        _wrong = outcome.Failure?.Detail;
        if (outcome.Succeeded)
        {
            (_text, _requestKey) = (null, Guid.NewGuid().ToString("N"));
            await OnChange.InvokeAsync();
        }
    }

    private void Ask(PersonNote note)
    {
        _asked = note;
        _delete?.Open();
    }

    private async Task<string?> Delete()
    {
        var outcome = await AsStaff.Do<NotePerson, bool>((x, actor) => x.Delete(actor, _asked!.Id, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Say("The note is deleted.");
        }

        await OnChange.InvokeAsync();
        return outcome.Failure?.Detail;
    }
}
