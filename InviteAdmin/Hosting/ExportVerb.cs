using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.People;

namespace InviteAdmin.Hosting;

/// <summary>The verb <c>export</c>: the dashboard's export of everything from the command line.</summary>
public static class ExportVerb
{
    public static async Task<int> Run(IServiceProvider services, Invocation call, CancellationToken cancel)
    {
        await Schema.RequireCurrent(services, cancel);
        var path = call.Operand(0, "FILE");
        if (File.Exists(path)) throw new StartFailure($"There is a file {path} already; name another.");
        await using var scope = services.CreateAsyncScope();
        ExportedRows written;
        // Under another name until it is whole.
        var unfinished = path + ".part";
        await using (var file = File.Create(unfinished))
            written = (await scope.ServiceProvider.GetRequiredService<ExportEverything>().One(Actor.System, file, CsvText.Line, cancel)).Must();
        File.Move(unfinished, path);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written.Rows:N0} rows in {written.Files} files: {path}"));
        return 0;
    }
}
