using Microsoft.Playwright;

namespace InviteAdmin.Tests.Support;

/// <summary>One Chromium without a window for the whole run, from the machine's own package: its headless shell, which takes a part of the time that the browser for people takes.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        // Live pages follow within seconds, on a machine that runs two other tests at once.
        Assertions.SetDefaultExpectTimeout(15_000);
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium-headless-shell",
            // Chromium's sandbox refuses to run as root, which is who a container usually is.
            Args = Environment.IsPrivilegedProcess ? ["--no-sandbox"] : [],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
    }

    /// <summary>A fresh visitor: no cookies, and every console error and page error kept in <see cref="Visitor.Errors"/>.</summary>
    public async Task<Visitor> NewVisitor(Uri address, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.BaseURL = address.ToString();
        var context = await _browser!.NewContextAsync(options);
        return new Visitor(context, await context.NewPageAsync());
    }
}

/// <summary>One browser context with one page, and what went wrong in it.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    public Visitor(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) => { if (message.Type is "error" or "warning") Errors.Add(message.Text); };
        page.PageError += (_, error) => Errors.Add(error);
    }

    public IPage Page { get; }

    public List<string> Errors { get; } = [];

    /// <summary>Opens a page and waits until its circuit answers clicks; before that a click posts a plain form.</summary>
    public async Task OpenInteractive(string path)
    {
        await Page.GotoAsync(path);
        await Page.WaitForSelectorAsync("[data-interactive=true]");
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}

/// <summary>Test classes of this collection share one browser and run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<Chromium>
{
    public const string Name = "browser";
}
