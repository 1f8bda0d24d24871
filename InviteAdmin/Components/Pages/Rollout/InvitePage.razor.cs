using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Results;
using InviteAdmin.Rollout;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>Whom to look at: the next so many, or one person.</summary>
public sealed record InviteView
{
    public int? Count { get; init; }

    public string? Entry { get; init; }
}

/// <summary>Number, preview, confirmation, progress; then the cohort's own page. The release itself is durable work, so a closed tab cannot lose it.</summary>
public sealed partial class InvitePage : DashboardPage<InviteView>
{
    private const int TypedFrom = 500;
    private static readonly int[] Presets = [10, 50, 100, 250];

    private ConfirmDialog? _confirm;
    private bool _mayRelease = true;
    private int? _count = 100;
    private string? _countWrong;
    private string? _note;
    private Failure? _refusal;
    private string _requestKey = "";
    private string? _operationId;
    private int _asked;

    private ReleasePreview? Preview { get; set; }

    protected override bool HasData => Preview is not null || _refusal is not null || _countWrong is not null;

    private int Going => Preview?.Invited.Count ?? 0;

    private string? Typed => Preview is { } p && (Going >= TypedFrom || (Going > 1 && Going * 5L > p.Waiting)) ? Going.ToString(CultureInfo.InvariantCulture) : null;

    protected override async Task Load(CancellationToken cancel)
    {
        _mayRelease = (await AsStaff.Actor()).Refuse(Permission.Release) is null;
        (Preview, _refusal, _countWrong) = (null, null, null);
        if (!_mayRelease || (View.Count is null && View.Entry is null))
        {
            return;
        }

        _count = View.Count ?? _count;
        var outcome = await AsStaff.Ask<ReleaseCohort, Outcome<ReleasePreview>>((x, actor) => x.Preview(actor, Request(null), cancel));
        switch (outcome.Failure)
        {
            case null:
                Preview = outcome.Value;
                // One key per preview: however often this confirmation is sent, it is one release.
                _requestKey = Guid.NewGuid().ToString("N");
                break;
            case Invalid invalid:
                _countWrong = invalid.Detail;
                break;
            case var refusal:
                _refusal = refusal;
                break;
        }
    }

    private ReleaseRequest Request(int? expected) => View.Entry is { } entry
        ? new(1, _note, expected, [entry])
        : new(View.Count ?? 0, _note, expected);

    private void Look()
    {
        if (_count is not > 0)
        {
            _countWrong = "Say how many people, from 1 up.";
            return;
        }

        Go(new() { Count = _count });
    }

    private async Task<string?> Release()
    {
        var outcome = await AsStaff.Do<QueueRelease, string>((x, actor) => x.Start(actor, Request(Preview!.NextNumber), _requestKey, CancellationToken.None));
        (_operationId, _asked) = (outcome.Value, Going);
        StateHasChanged();
        return outcome.Failure?.Detail;
    }

    private async Task Refused(string sentence)
    {
        _operationId = null;
        await Reload();
        Notices.Say(sentence);
    }
}
