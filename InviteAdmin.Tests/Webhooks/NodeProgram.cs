using System.Diagnostics;

namespace InviteAdmin.Tests.Webhooks;

/// <summary>Runs JavaScript by Node with one package from npm, which is installed once into artifacts/.</summary>
internal static class NodeProgram
{
    private static readonly string Artifacts = Path.Combine(InviteAdmin.Hosting.Settings.Root()!, "artifacts");

    public static async Task<string> Run(string package, string script, string input)
    {
        var folder = Path.Combine(Artifacts, "npm-" + package.Replace('@', '-'));
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            Directory.CreateDirectory(folder);
            await Start("npm", folder, "", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", folder, package);
        }

        return await Start("node", folder, input, "-e", script);
    }

    private static async Task<string> Start(string program, string folder, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}");
    }
}
