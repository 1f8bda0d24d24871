using System.Globalization;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Hosting;

/// <summary>The verb <c>import</c>: the dashboard's import from the command line, with the same rules and the same report.</summary>
public static class ImportVerb
{
    public static async Task<int> Run(IServiceProvider services, Invocation call, CancellationToken cancel)
    {
        await Schema.RequireCurrent(services, cancel);
        var path = call.Operand(0, "FILE");
        if (!File.Exists(path)) throw new StartFailure($"There is no file {path}.");
        var dryRun = call.Has("dry-run");
        await using var scope = services.CreateAsyncScope();
        var import = scope.ServiceProvider.GetRequiredService<ImportWaitlist>();
        await using var csv = File.OpenRead(path);
        var file = await import.Upload(Actor.System, csv, cancel);
        if (!file.Succeeded) throw new StartFailure(file.Failure.Detail);

        var (name, key) = (Path.GetFileName(path), Guid.NewGuid().ToString());
        var id = (call.Has("members")
            ? await scope.ServiceProvider.GetRequiredService<ImportMembers>().Start(Actor.System, file.Value, name, dryRun, key, cancel)
            : await import.Start(Actor.System, file.Value, name, dryRun, key, cancel)).Must();
        var operations = services.GetRequiredService<Operations>();
        // An app that serves beside us may take the work; then we wait for it.
        while (await operations.Find(id, cancel) is { State: "queued" or "running" })
            if (!await services.GetRequiredService<OperationRunner>().Step(cancel)) await Task.Delay(200, cancel);

        var operation = (await operations.Find(id, cancel))!;
        if (operation.Error is { } error) throw new StartFailure(error);
        var report = JsonSerializer.Deserialize<ImportReport>(operation.Report!, JsonSerializerOptions.Web)!;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Rows:N0} rows: {report.Added:N0} {(dryRun ? "would be added" : "added")}, {report.Known:N0} known already, {report.Repeated:N0} repeated in the file, {report.Invalid:N0} not taken."));
        if (report.NewSources.Count > 0) Console.WriteLine($"New sources, worth no points: {string.Join(", ", report.NewSources)}.");
        if (report.IgnoredColumns.Count > 0) Console.WriteLine($"Columns not used: {string.Join(", ", report.IgnoredColumns)}.");
        await WriteRejects(import, id, path + ".rejected.csv", cancel);
        return 0;
    }

    private static async Task WriteRejects(ImportWaitlist import, string id, string path, CancellationToken cancel)
    {
        StreamWriter? to = null;
        await foreach (var reject in import.Rejects(id, cancel))
        {
            to ??= new StreamWriter(path);
            await to.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{reject.Line},{reject.Field},\"{reject.Reason}\""));
        }

        if (to is null) return;
        await to.DisposeAsync();
        Console.WriteLine($"What was not taken, line by line: {path}");
    }
}
