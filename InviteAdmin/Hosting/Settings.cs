using System.Diagnostics;
using Microsoft.Extensions.Configuration.Json;

namespace InviteAdmin.Hosting;

/// <summary>Where configuration comes from, and what is checked of it before anything starts.</summary>
public static class Settings
{
    private const string DevelopmentFile = "appsettings.Development.json";

    /// <summary>A builder whose files are found whatever folder the app was started from.</summary>
    public static WebApplicationBuilder NewBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        if (builder.Environment.IsDevelopment() && Root() is { } root)
        {
            // After the app's own file, before environment variables and the command line.
            var sources = builder.Configuration.Sources;
            var file = new JsonConfigurationSource { Path = Path.Combine(root, DevelopmentFile) };
            file.ResolveFileProvider();
            sources.Insert(sources.IndexOf(sources.OfType<JsonConfigurationSource>().Last()) + 1, file);
        }

        // Open browsers would hold a stopping server for 30 s. With private servers to stop after it, all of it takes 5 s at most.
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(HasPrivateServers(builder.Configuration) ? 2.5 : 5));
        return builder;
    }

    /// <summary>Binds a section to its options and checks them at the start, together with all others; a failure names its key.</summary>
    public static void AddChecked<T>(this IServiceCollection services, string section, Func<T, IHostEnvironment, IEnumerable<string>> problems)
        where T : class
    {
        services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
        services.AddSingleton<Microsoft.Extensions.Options.IValidateOptions<T>>(s => new Problems<T>(problems, s.GetRequiredService<IHostEnvironment>()));
    }

    /// <summary>The folder of the solution, when the app runs from a build of it: the nearest above us with the development settings.</summary>
    public static string? Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, DevelopmentFile))) return folder.FullName;
        return null;
    }

    /// <summary>How long ago this process began.</summary>
    public static TimeSpan Uptime(TimeProvider time)
    {
        using var self = Process.GetCurrentProcess();
        return time.GetLocalNow().DateTime - self.StartTime;
    }

    private static bool HasPrivateServers(IConfiguration configuration) =>
        string.IsNullOrWhiteSpace(configuration.GetConnectionString("Postgres")) || string.IsNullOrWhiteSpace(configuration.GetConnectionString("Redis"));

    private sealed class Problems<T>(Func<T, IHostEnvironment, IEnumerable<string>> problems, IHostEnvironment environment)
        : Microsoft.Extensions.Options.IValidateOptions<T>
        where T : class
    {
        public Microsoft.Extensions.Options.ValidateOptionsResult Validate(string? name, T options) =>
            problems(options, environment).ToArray() is { Length: > 0 } found
                ? Microsoft.Extensions.Options.ValidateOptionsResult.Fail(found)
                : Microsoft.Extensions.Options.ValidateOptionsResult.Success;
    }
}
