using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Components.Pages.Waitlist;

/// <summary>Upload, dry run with a report, start, progress, report. Each step has its own address, so a reload or another browser goes on.</summary>
public sealed partial class ImportPage : DashboardPage<ImportView>
{
    /// <summary>What an address and the form say for a file of members.</summary>
    public const string Members = "members";

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private bool _may = true;
    private bool _starting;
    private bool _watching;
    private OperationFacts? _operation;
    private ImportReport? _report;
    private IReadOnlyList<OperationFacts> _latest = [];
    private bool _loaded;

    protected override bool HasData => _loaded;

    private string? Refusal => View.Refused switch
    {
        null => null,
        "large" => "The file is larger than 256 MB. Split it and import the parts.",
        "empty" => "The file is empty.",
        _ => "The file did not arrive whole. Choose it again.",
    };

    protected override async Task Load(CancellationToken cancel)
    {
        _may = (await AsStaff.Actor()).Refuse(Permission.Release) is null;
        if (!_may)
        {
            _loaded = true;
            return;
        }

        var id = View.Run ?? View.Check;
        _operation = id is null ? null : await AsStaff.Read<Operations, OperationFacts?>(o => o.Find(id, cancel));
        _report = _operation is { State: "done", Report: { } json } ? JsonSerializer.Deserialize<ImportReport>(json, JsonSerializerOptions.Web) : null;
        _latest = id is not null ? [] : await AsStaff.Read<Operations, IReadOnlyList<OperationFacts>>(o => o.Latest("import", 5, cancel));
        _loaded = true;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!_watching && _operation is { State: "queued" or "running" })
        {
            _watching = true;
            _ = InvokeAsync(Watch);
        }
    }

    private async Task Watch()
    {
        while (_operation is { State: "queued" or "running" } && !IsGone)
        {
            await Task.Delay(Pace);
            await Reload();
            StateHasChanged();
        }

        _watching = false;
    }

    private async Task Start()
    {
        _starting = true;
        // The dry run's id is the key: starting twice is starting once.
        var outcome = View.Of == Members
            ? await AsStaff.Do<ImportMembers, string>((x, actor) => x.Start(actor, View.File ?? "", View.Name ?? "", dryRun: false, $"{View.Check}", CancellationToken.None))
            : await AsStaff.Do<ImportWaitlist, string>((x, actor) => x.Start(actor, View.File ?? "", View.Name ?? "", dryRun: false, $"{View.Check}", CancellationToken.None));
        _starting = false;
        if (outcome.Succeeded)
        {
            Go(new() { Run = outcome.Value, Name = View.Name, Of = View.Of });
        }
        else
        {
            Notices.Say(outcome.Failure.Detail);
        }
    }
}
