using System.Globalization;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Hosting;

/// <summary>What a newcomer reads first: where to go, how to sign in, which key to use. Development only, because it shows passwords.</summary>
public static class StartMessage
{
    public static void Write(WebApplication app, Servers servers, TextWriter to)
    {
        var address = app.Urls.FirstOrDefault()?.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal).TrimEnd('/');
        var staff = app.Services.GetRequiredService<IOptions<StaffSettings>>().Value.Development;
        var key = app.Services.GetRequiredService<IOptions<ApiSettings>>().Value.DevelopmentKey;
        var took = Settings.Uptime(app.Services.GetRequiredService<TimeProvider>());

        to.WriteLine();
        to.WriteLine($"InviteAdmin is ready ({took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s).");
        to.WriteLine();
        Line("Dashboard", $"{address}/admin");
        Line("Join page", $"{address}/waitlist");
        Line("API", $"{address}/docs/api");
        if (key.Length > 0) Line("API key", key);
        if (staff.Count > 0)
        {
            to.WriteLine();
            to.WriteLine("  Sign in as");
            foreach (var (email, password, role) in staff)
                to.WriteLine($"    {role,-10} {email,-24} {password}");
        }
        to.WriteLine();
        to.WriteLine(servers.Folder is { } folder
            ? $"The data is in {folder}. Ctrl-C stops the app and its servers."
            : "Ctrl-C stops the app; the servers it was given go on.");
        to.WriteLine();

        void Line(string name, string value) => to.WriteLine($"  {name,-11} {value}");
    }
}
