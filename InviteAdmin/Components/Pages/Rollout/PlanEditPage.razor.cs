using System.Globalization;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>What the editor begins with.</summary>
public sealed record PlanEditView
{
    /// <summary>A template's key; none for the plan as it stands.</summary>
    public string? Template { get; init; }
}

/// <summary>What the editor shows beside the form.</summary>
public sealed record PlanEditFacts(PlanFacts Plan, SeatFacts Seats)
{
    public bool IsBlank => Plan is { State: "draft", Version: 1 };

    /// <summary>Whether a stage of it is in force.</summary>
    public bool IsUnderWay => Plan.State is not ("draft" or "completed");
}

/// <summary>The plan as a form, checked with each key and read aloud beside it. What is typed stays until somebody saves or leaves.</summary>
public sealed partial class PlanEditPage : DashboardPage<PlanEditView>
{
    private static readonly string[] CommonZones =
        ["Etc/UTC", "Europe/Berlin", "Europe/London", "Europe/Paris", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney"];

    private readonly Dictionary<StageDraft, StageEditor?> _editors = [];
    private PlanDraft? _draft;
    private PlanWrongs? _wrongs;
    private IReadOnlyList<string> _sentences = [];
    private StageDraft? _toFocus;
    private PlanSaved? _saved;
    private PlanTrial? _trial;
    private PlanFacts? _theirs;
    private int? _version;
    private ConfirmDialog? _leave;
    private string? _begun;
    private TaskCompletionSource<bool>? _answer;
    private bool _leaving;
    private bool _may = true;
    private bool _busy;
    private string? _said;

    [Inject]
    public required TimeProvider Time { get; init; }

    private PlanEditFacts? Facts { get; set; }

    /// <summary>Whether something was typed that is not saved.</summary>
    private bool IsChanged => _begun is not null && _draft is not null && Text(_draft) != _begun;

    protected override bool HasData => _draft is not null && Facts is not null;

    // Only what has not begun begins on a day.
    private string From => Facts is { IsUnderWay: false } && _draft is not null && TimeZoneInfo.TryFindSystemTimeZoneById(_draft.Zone.Trim(), out var zone)
        && TimeOnly.TryParseExact(_draft.SendAt, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
        ? PlanSentence.From([.. _draft.Days], at, TimeZoneInfo.ConvertTime(Time.GetUtcNow(), zone).DateTime) : "";

    protected override async Task Load(CancellationToken cancel)
    {
        _may = (await AsStaff.Actor()).Refuse(Permission.Release) is null;
        if (!_may)
        {
            return;
        }

        Facts = new(await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(cancel)), await AsStaff.Read<PlanQueries, SeatFacts>(q => q.Seats(cancel)));
        var template = PlanTemplate.All.FirstOrDefault(t => t.Key == View.Template);
        Begin(Facts.Plan, template?.Over(Facts.Plan) ?? Facts.Plan.AsRequest());
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_toFocus is { } stage && _editors.GetValueOrDefault(stage) is { } editor)
        {
            _toFocus = null;
            await editor.Focus();
        }

        if (_leaving)
        {
            _leaving = false;
            await Task.Yield();
            Navigation.NavigateTo("/admin/rollout");
        }
    }

    // Another page, or another plan to begin with: both lose what was typed. A place on this page does not.
    private async Task Hold(LocationChangingContext context)
    {
        if (!IsChanged || Navigation.ToAbsoluteUri(context.TargetLocation).PathAndQuery == new Uri(Navigation.Uri).PathAndQuery)
        {
            return;
        }

        var answer = _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _leave?.Open();
        using var overtaken = context.CancellationToken.Register(() => answer.TrySetResult(false));
        if (!await answer.Task)
        {
            context.PreventNavigation();
        }
    }

    private Task<string?> Leave()
    {
        _answer?.TrySetResult(true);
        return Task.FromResult<string?>(null);
    }

    private void Stay() => _answer?.TrySetResult(false);

    // After the next rendering, which tells the browser that nothing is held any more.
    private void GoBack()
    {
        (_begun, _leaving) = (null, true);
        StateHasChanged();
    }

    private static string Text(PlanDraft draft) => JsonSerializer.Serialize(draft.Request(null), PlanJson.Options);

    private void Begin(PlanFacts plan, PlanRequest request)
    {
        (_version, _theirs, _said) = (plan.Version, null, null);
        _draft = PlanDraft.Of(request);
        _begun = Text(_draft);
        _editors.Clear();
        Check();
        _saved = null;
    }

    private void Set(Action<PlanDraft> change)
    {
        change(_draft!);
        Check();
    }

    private void Check()
    {
        var request = _draft!.Request(_version);
        (_wrongs, _sentences, _saved, _said, _trial) = (new(PlanCheck.Of(request), _draft), PlanCheck.Sentences(request), null, null, null);
    }

    private void Toggle(string day) => Set(d =>
    {
        if (!d.Days.Remove(day))
        {
            d.Days.Add(day);
        }
    });

    private void AddStage() => Set(d =>
    {
        _toFocus = StageDraft.Of(new("", 100, 5, 3, "auto", []));
        d.Stages.Add(_toFocus);
    });

    private void RemoveStage(StageDraft stage) => Set(d =>
    {
        var at = d.Stages.IndexOf(stage);
        d.Stages.RemoveAt(at);
        _editors.Remove(stage);
        _toFocus = d.Stages[Math.Max(0, at - 1)];
    });

    private void MoveStage(StageDraft stage, int by) => Set(d =>
    {
        var at = d.Stages.IndexOf(stage);
        d.Stages.RemoveAt(at);
        d.Stages.Insert(Math.Clamp(at + by, 0, d.Stages.Count), stage);
        _toFocus = stage;
    });

    private async Task Try()
    {
        _busy = true;
        _trial = (await AsStaff.Do<TryPlan, PlanTrial>((x, actor) => x.One(actor, _draft!.Request(null), CancellationToken.None))).Value;
        _busy = false;
    }

    private async Task Save()
    {
        if (_busy || _wrongs?.Refusal is not null)
        {
            return;
        }

        _busy = true;
        var outcome = await AsStaff.Do<ChangePlan, PlanSaved>((x, actor) => x.Edit(actor, _draft!.Request(_version), CancellationToken.None));
        _busy = false;
        switch (outcome.Failure)
        {
            case null:
                await Saved(outcome.Value!);
                break;
            case Invalid invalid:
                _wrongs = new(invalid, _draft!);
                break;
            case PlanChanged:
                _theirs = await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(CancellationToken.None));
                break;
            case var failure:
                _said = failure.Detail;
                break;
        }
    }

    private async Task Saved(PlanSaved saved)
    {
        _begun = Text(_draft!);
        if (saved.Warnings.Count == 0)
        {
            Notices.Say("The plan is saved.");
            GoBack();
            return;
        }

        Facts = Facts! with { Plan = await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(CancellationToken.None)) };
        (_version, _theirs, _saved) = (saved.Version, null, saved);
    }

    private void Take(PlanFacts theirs)
    {
        Facts = Facts! with { Plan = theirs };
        Begin(theirs, theirs.AsRequest());
    }

    private Task SaveOver(PlanFacts theirs)
    {
        (_version, _theirs) = (theirs.Version, null);
        return Save();
    }

    private List<EditConflict.Both> Both(PlanFacts theirs)
    {
        var (there, here) = (theirs.AsRequest(), _draft!.Request(null));
        var (read, mine) = (PlanCheck.Sentences(there), PlanCheck.Sentences(here));
        return
        [
            new("Time zone", there.Zone ?? "", here.Zone ?? ""),
            new("Seats", Limit(there.Capacity), Limit(here.Capacity)),
            new("Mails a minute", Limit(there.MailPerMinute), Limit(here.MailPerMinute)),
            .. Enumerable.Range(0, Math.Max(read.Count, mine.Count)).Select(i => new EditConflict.Both($"Stage {i + 1}", read.ElementAtOrDefault(i) ?? "none", mine.ElementAtOrDefault(i) ?? "none")),
        ];
    }

    private static string Limit(int? number) => number is { } limit ? Say.Number(limit) : "no limit";
}
