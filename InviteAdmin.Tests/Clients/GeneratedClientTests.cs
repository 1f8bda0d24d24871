using System.Diagnostics;
using InviteAdmin.Components.Pages.Developers;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Clients;

/// <summary>What a company's developer does with us in other languages: generates a client and compiles it in strict mode, and runs the snippets as the page shows them.</summary>
[Collection(ApiCollection.Name)]
public sealed class GeneratedClientTests(RunningApp app) : IClassFixture<NodeWorkshop>
{
    private readonly ApiClient _api = ApiClient.For(app);

    private string Address => app.Address.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task TypeScript_GeneratedFromTheDocument_CompilesStrictlyAndJoinsReleasesAndRedeems()
    {
        using var folder = await NodeWorkshop.Open("journey.ts", "document.mjs", "tsconfig.json");
        using (var http = app.NewHttpClient()) await File.WriteAllTextAsync(Path.Combine(folder.Path, "openapi.json"), await http.GetStringAsync("/openapi/v1.json"));

        var checkedDocument = await folder.Run("node", "document.mjs", "openapi.json");
        Assert.True(checkedDocument.Code == 0, checkedDocument.Said);
        await folder.Must("node", "../node_modules/openapi-typescript/bin/cli.js", "openapi.json", "-o", "schema.ts");
        await folder.Must("node", "../node_modules/typescript/bin/tsc", "-p", ".");
        var said = await folder.Must("node", "made/journey.js", Address, _api.Key!, Guid.NewGuid().ToString("N")[..8]);
        Assert.Contains("\"userId\":\"usr_", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SnippetLanguage.Curl, "sh")]
    [InlineData(SnippetLanguage.TypeScript, "node")]
    [InlineData(SnippetLanguage.CSharp, "dotnet")]
    [InlineData(SnippetLanguage.Python, "python3")]
    public async Task Snippet_AsThePageShowsIt_RunsAndDoesIt(SnippetLanguage language, string program)
    {
        // As far as the machine has the language; what the product itself is built and tested with it always has.
        if (program == "python3" && !NodeWorkshop.Has(program)) return;
        // Beside our own projects its settings would be theirs.
        using var folder = language == SnippetLanguage.CSharp ? new NodeFolder(Directory.CreateTempSubdirectory("inviteadmin-").FullName, keep: false) : await NodeWorkshop.Open("tsconfig.json");
        foreach (var task in Enum.GetValues<SnippetTask>())
        {
            // Others show that both do what they say; starting a compiler twice would show no more.
            if ((language is SnippetLanguage.CSharp or SnippetLanguage.TypeScript) && task == SnippetTask.Redeem) continue;
            var email = $"{language}-{task}@example.com".ToLowerInvariant();
            var snippet = Snippets.Of(language, task, Address, _api.Key!, email, await _api.Code());
            await File.WriteAllTextAsync(Path.Combine(folder.Path, snippet.File), snippet.Text);
            var said = language switch
            {
                SnippetLanguage.TypeScript => await TypeScript(folder, snippet),
                SnippetLanguage.CSharp => await folder.Must("dotnet", "run", snippet.File),
                _ => await folder.Must(program, snippet.File),
            };
            Assert.Contains(task == SnippetTask.Join ? "/waitlist/status/" : "usr_", said, StringComparison.Ordinal);
            Assert.True(await app.Database.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM {(task == SnippetTask.Join ? "waitlist_entries" : "members")} WHERE email = '{email}')"));
        }
    }

    [Fact]
    public async Task Form_AsThePageShowsIt_OpensOurPages()
    {
        using var http = app.NewHttpClient();
        var code = await _api.Code();
        foreach (var (task, query) in ((SnippetTask, string)[])[(SnippetTask.Join, "?src=&ref="), (SnippetTask.Redeem, $"?code={code}")])
        {
            var form = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(Snippets.Of(SnippetLanguage.Form, task, Address, "", code: code).Text).QuerySelector("form")!;
            Assert.True((await http.GetAsync(form.GetAttribute("action") + query)).IsSuccessStatusCode);
        }
    }

    // Node of the machine may be too old to take the types away itself.
    private static async Task<string> TypeScript(NodeFolder folder, Snippet snippet)
    {
        await folder.Must("node", "../node_modules/typescript/bin/tsc", "-p", ".");
        return await folder.Must("node", Path.Combine("made", Path.ChangeExtension(snippet.File, ".js")));
    }
}

/// <summary>The packages of npm that the tests of other languages use, installed once into artifacts.</summary>
public sealed class NodeWorkshop : IAsyncLifetime
{
    private static readonly string Root = InviteAdmin.Hosting.Settings.Root() ?? throw new InvalidOperationException("The tests run from a build of the solution.");
    private static readonly string Sources = Path.Combine(Root, "InviteAdmin.Tests", "Clients", "typescript");
    private static readonly string Workshop = Path.Combine(Root, "artifacts", "typescript");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Workshop);
        var stamp = Path.Combine(Workshop, "installed.json");
        var wanted = await File.ReadAllTextAsync(Path.Combine(Sources, "package-lock.json"));
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted) return;
        foreach (var file in (string[])["package.json", "package-lock.json"]) File.Copy(Path.Combine(Sources, file), Path.Combine(Workshop, file), overwrite: true);
        var (code, said) = await new NodeFolder(Workshop, keep: true).Run("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline");
        Assert.True(code == 0, $"npm could not install what the tests of TypeScript need: {said}");
        await File.WriteAllTextAsync(stamp, wanted);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>A folder beside the packages with these files of ours in it.</summary>
    public static Task<NodeFolder> Open(params string[] files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Workshop, $"run-{Guid.NewGuid():N}"));
        foreach (var file in files) File.Copy(Path.Combine(Sources, file), Path.Combine(folder.FullName, file));
        return Task.FromResult(new NodeFolder(folder.FullName, keep: false));
    }

    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, program)));
}

/// <summary>A folder to run programs in.</summary>
public sealed class NodeFolder(string path, bool keep) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public string Path => path;

    public async Task<string> Must(params string[] line)
    {
        var (code, said) = await Run(line);
        Assert.True(code == 0, $"{string.Join(' ', line)}: {said}");
        return said;
    }

    public async Task<(int Code, string Said)> Run(params string[] line)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..]) { WorkingDirectory = path, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    public void Dispose()
    {
        if (!keep) Directory.Delete(path, recursive: true);
    }
}
