using InviteAdmin.Hosting;
using Microsoft.AspNetCore.Identity;
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

        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<StaffUser>>();
        var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole<long>>>();
        foreach (var role in Role.All)
        {
            if (!await roles.RoleExistsAsync(role))
            {
                await roles.CreateAsync(new IdentityRole<long>(role));
            }
        }

        foreach (var (email, password, role) in settings.Value.Development)
        {
            if (await users.FindByEmailAsync(email) is null)
            {
                await Create(users, email, password, role);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task Create(UserManager<StaffUser> users, string email, string password, string role)
    {
        var user = new StaffUser { UserName = email, Email = email, EmailConfirmed = true, DisplayName = $"{role} (development)" };
        var created = await users.CreateAsync(user, password);
        if (!created.Succeeded)
        {
            // Two processes that start at once both try; the second finds the name taken.
            if (created.Errors.Any(e => e.Code.StartsWith("Duplicate", StringComparison.Ordinal)))
            {
                return;
            }

            throw new InvalidOperationException($"Staff:Development {email}: {string.Join(' ', created.Errors.Select(e => e.Description))}");
        }

        await users.AddToRoleAsync(user, role);
    }
}
