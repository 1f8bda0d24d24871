using InviteAdmin.Data;
using InviteAdmin.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace InviteAdmin.Components.Shared;

/// <summary>
/// What the pages share: the address is the view, it is loaded again when the address changes, a load that a newer one overtook is
/// cancelled, and a fault becomes a state of the page with a number to report.
/// </summary>
/// <typeparam name="TView">The properties that stand in the query string.</typeparam>
public abstract class DashboardPage<TView> : ComponentBase, IDisposable
    where TView : class, new()
{
    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _loading;
    private string _path = "";
    private (string Path, TView View)? _loaded;

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Inject]
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>The view the address describes.</summary>
    protected TView View { get; private set; } = new();

    /// <summary>The page was left; what it watches can end.</summary>
    protected bool IsGone => _gone.IsCancellationRequested;

    /// <summary>Set when loading failed.</summary>
    protected PageFault? Fault { get; private set; }

    /// <summary>Whether what is to be shown has come, by loading or with the prerendered page.</summary>
    protected abstract bool HasData { get; }

    /// <summary>Whether the load that runs follows a change made elsewhere: then a list keeps its rows where they are (<see cref="RowNews"/>).</summary>
    protected bool IsFollowing { get; private set; }

    /// <summary>Reads what the page shows. Runs again after every change of the address.</summary>
    protected abstract Task Load(CancellationToken cancel);

    /// <summary>Reads again and shows it, whoever asks: an event of this page, a dialog's answer, or a change elsewhere.</summary>
    protected async Task Reload()
    {
        await Refresh();
        StateHasChanged();
    }

    /// <summary>Reads again because something changed elsewhere: numbers tick in place, and the rows of a list stay where they are.</summary>
    protected async Task Follow()
    {
        await Refresh(following: true);
        StateHasChanged();
    }

    /// <summary>The address of this page with another view.</summary>
    protected string Href(TView view) => UrlState<TView>.Href(_path, view);

    protected void Go(TView view) => Navigation.NavigateTo(Href(view));

    protected override async Task OnInitializedAsync()
    {
        ReadAddress();
        Navigation.LocationChanged += AddressChanged;
        if (HasData)
        {
            _loaded = (_path, View);
        }
        else
        {
            await Refresh();
        }
    }

    private void ReadAddress()
    {
        var uri = new Uri(Navigation.Uri);
        _path = uri.AbsolutePath;
        View = UrlState<TView>.Read(uri.PathAndQuery);
    }

    private void AddressChanged(object? sender, LocationChangedEventArgs e)
    {
        // Another page: this one is about to go.
        if (new Uri(e.Location).AbsolutePath == _path)
        {
            _ = InvokeAsync(async () =>
            {
                ReadAddress();
                await Refresh();
                StateHasChanged();
            });
        }
    }

    private async Task Refresh(bool following = false)
    {
        if (_loading is { } older)
        {
            await older.CancelAsync();
        }

        IsFollowing = following && HasData && _loaded == (_path, View);
        using var loading = _loading = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        try
        {
            await Load(loading.Token);
            (Fault, _loaded) = (null, (_path, View));
        }
        catch (Exception) when (loading.IsCancellationRequested)
        {
            // A newer load or another page took over.
        }
        catch (UnauthorizedAccessException)
        {
            Navigation.NavigateTo(Access.StaffSignIn.SignInPath, forceLoad: true);
        }
        catch (Exception fault) when (fault is not NavigationException)
        {
            Fault = new(Guid.NewGuid().ToString("N")[..12], Absence.MayPass(fault), HasData && _loaded == (_path, View));
            Loggers.CreateLogger(GetType()).Log(Fault.Passes ? LogLevel.Warning : LogLevel.Error, fault, "Page {Path} could not be loaded ({FaultId}).", _path, Fault.Id);
        }
        finally
        {
            if (_loading == loading)
            {
                _loading = null;
            }
        }
    }

    public void Dispose()
    {
        Navigation.LocationChanged -= AddressChanged;
        _gone.Cancel();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Why a page could not be loaded.</summary>
/// <param name="Id">What to tell whoever runs the installation.</param>
/// <param name="Passes">The database is away; it is asked again until it answers.</param>
/// <param name="KeepsData">What was loaded before is of the same address and may stand until then.</param>
public sealed record PageFault(string Id, bool Passes, bool KeepsData);

/// <summary>The view of a page whose address has no query.</summary>
public sealed record NoView;
