namespace InviteAdmin.Hosting;

/// <summary>
/// The time between being told to stop and stopping: the process is not ready any more and every answer closes its connection,
/// while it goes on serving, so that a load balancer sends the next request elsewhere and none is cut off.
/// It stands in the place of the console's lifetime, which would stop the host at the signal itself.
/// </summary>
public sealed class Draining(IConfiguration configuration, IHostEnvironment environment) : IHostLifetime, IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private volatile bool _begun;

    public bool Begun => _begun;

    /// <summary>Section <c>Hosting</c>: a developer's process has nobody before it to be told, and stops at once.</summary>
    private TimeSpan Lasts => TimeSpan.FromSeconds(configuration.GetValue("Hosting:DrainSeconds", environment.IsDevelopment() ? 0.0 : 3.0));

    /// <summary>A token for the stop itself.</summary>
    public CancellationToken After(CancellationToken told)
    {
        told.Register(() =>
        {
            _begun = true;
            _over.CancelAfter(Lasts);
        });
        return _over.Token;
    }

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _over.Dispose();
}

/// <summary>Puts <see cref="Draining"/> into the host and its pipeline.</summary>
public static class DrainingPipeline
{
    public static void AddDraining(this IServiceCollection services) =>
        services.AddSingleton<Draining>().AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<Draining>());

    public static void UseDraining(this WebApplication app)
    {
        var draining = app.Services.GetRequiredService<Draining>();
        app.Use((context, next) =>
        {
            if (draining.Begun)
            {
                context.Response.Headers.Connection = "close";
            }

            return next(context);
        });
    }
}
