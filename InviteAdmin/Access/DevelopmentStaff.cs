using InviteAdmin.Hosting;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Access;

/// <summary>Creates the sign-ins of <c>Staff:Development</c> when the app starts in Development, and only there.</summary>
public sealed class DevelopmentStaff(IServiceScopeFactory scopes, IOptions<StaffSettings> settings, IHostEnvironment environment) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment())
        {
            return;
        }

        foreach (var (email, password, role) in settings.Value.Development)
        {
            await using var scope = scopes.CreateAsyncScope();
            var created = await scope.ServiceProvider.GetRequiredService<CreateStaff>().One(Actor.System, email, $"{role} (development)", role, password, cancellationToken);
            // Already there: from an earlier start, or made by another process at this moment.
            if (created.Failure is { } failure and not StaffExists)
            {
                throw new StartFailure($"Staff:Development {email}: {failure.Detail}");
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
