using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Outbox;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Components.Pages.Outbox;

/// <summary>What the template's page found. <c>Values</c> is null when nobody has the email it is to be shown for.</summary>
public sealed record TemplateFacts(TemplateDetail? Detail, IReadOnlyDictionary<string, string>? Values, IReadOnlyDictionary<string, string>? Samples);

/// <summary>One template: its text beside how it will look, what is wrong with it, and its versions.</summary>
public sealed partial class TemplatePage : DashboardPage<TemplateView>
{
    private static readonly (MailLook Look, string Word)[] Looks = [(MailLook.Desk, "600 px"), (MailLook.Phone, "360 px"), (MailLook.Dark, "Dark"), (MailLook.Text, "Text")];

    private ConfirmDialog? _publish;
    private string _subject = "";
    private string _html = "";
    private string _text = "";
    private string? _for;
    private (string Name, int Version)? _filled;
    private int _basedOn;
    private bool _touched;
    private bool _busy;
    private bool _stale;
    private bool _mayNot;
    private Invalid? _wrong;
    private string _requestKey = Guid.NewGuid().ToString("N");

    [Inject]
    public required IOptions<AppOptions> App { get; init; }

    [Parameter]
    public required string Name { get; set; }

    [PersistentState]
    public TemplateFacts? Facts { get; set; }

    protected override bool HasData => Facts is not null;

    private TemplateKind Kind => MailDefaults.Find(Name)!;

    private TemplateSource Source => new(_subject, _html, _text);

    private IReadOnlyList<TemplateProblem> Problems => TemplateCheck.Of(Kind, Source);

    private bool Stops => Problems.Any(p => p.Stops);

    private RenderedMail? Mail
    {
        get
        {
            var compiled = CompiledTemplate.Of(0, Source);
            return compiled.Subject.Problems.Count + compiled.Html.Problems.Count + compiled.Text.Problems.Count > 0 ? null : MailTemplates.Render(compiled, Facts!.Values ?? Facts.Samples!);
        }
    }

    protected override async Task Load(CancellationToken cancel)
    {
        var (name, view) = (Name, View);
        var detail = await AsStaff.Read<TemplateQueries, TemplateDetail?>(q => q.One(name, view.Version, cancel));
        if (detail is null)
        {
            Facts = new(null, null, null);
            return;
        }

        var kind = MailDefaults.Find(name)!;
        var samples = await AsStaff.Read<TemplateQueries, IReadOnlyDictionary<string, string>?>(q => q.Values(kind, null, App.Value.ProductName, cancel));
        var values = view.For is null ? samples : await AsStaff.Read<TemplateQueries, IReadOnlyDictionary<string, string>?>(q => q.Values(kind, view.For, App.Value.ProductName, cancel));
        Facts = new(detail, values, samples);
        Fill();
    }

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        Fill();
        _mayNot = (await AsStaff.Actor()).Refuse(Permission.Release) is not null;
    }

    // What somebody is typing stays until they choose another version.
    private void Fill()
    {
        _for ??= View.For;
        if (Facts?.Detail is { } detail && (_filled != (Name, detail.Version)) && !(_touched && _filled?.Name == Name && View.Version is null))
        {
            (_subject, _html, _text) = detail.Source;
            (_filled, _basedOn, _touched, _stale, _wrong) = ((Name, detail.Version), detail.Row.Newest, false, false, null);
        }
    }

    private Task Look() => _touched ? Task.CompletedTask : Reload();

    private void Touch() => (_touched, _wrong) = (true, null);

    // The mail asks for its dark colours by the reader's preference; here they are simply on.
    private string Shown(string html) => View.Look == MailLook.Dark ? html.Replace("@media (prefers-color-scheme: dark)", "@media all", StringComparison.Ordinal) : html;

    private void ShowFor() => Go(View with { For = string.IsNullOrWhiteSpace(_for) ? null : _for.Trim() });

    private async Task Save()
    {
        if (_busy || !_touched)
        {
            return;
        }

        _busy = true;
        var outcome = await AsStaff.Do<ChangeTemplate, int>((x, actor) => x.Save(actor, Name, Source, _basedOn, CancellationToken.None));
        (_busy, _wrong, _stale) = (false, outcome.Failure as Invalid, outcome.Failure is StaleEdit);
        if (outcome.Succeeded)
        {
            (_touched, _basedOn, _filled) = (false, outcome.Value, (Name, outcome.Value));
            Notices.Say($"Version {outcome.Value} is saved as a draft. Nothing is sent from it until it is published.");
            await ShowNewest();
        }
        else if (_stale && (await AsStaff.Read<TemplateQueries, TemplateDetail?>(q => q.One(Name, null, CancellationToken.None)))?.Row.Newest is { } newest)
        {
            _basedOn = newest;
        }
        else if (_wrong is null && !_stale)
        {
            Notices.Say(outcome.Failure.Detail);
        }
    }

    private Task ShowNewest()
    {
        if (View.Version is null)
        {
            return Reload();
        }

        Go(View with { Version = null });
        return Task.CompletedTask;
    }

    private async Task<string?> Publish()
    {
        var version = Facts!.Detail!.Version;
        var outcome = await AsStaff.Do<ChangeTemplate, int>((x, actor) => x.Publish(actor, Name, version, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Say(version == 0 ? "The shipped template is in force." : $"Version {version} is in force.");
            await Reload();
        }

        return outcome.Failure?.Detail;
    }

    private async Task Test()
    {
        _busy = true;
        var version = Facts!.Detail!.Version;
        var outcome = await AsStaff.Do<SendTestMail, long>((x, actor) => x.One(actor, Name, version, _requestKey, CancellationToken.None));
        (_busy, _requestKey) = (false, Guid.NewGuid().ToString("N"));
        Notices.Say(outcome.Failure?.Detail ?? "A test is on its way to your own address. It stands under Emails.");
    }
}
