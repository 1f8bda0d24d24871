using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Live;

/// <summary>How pages reach Core: each operation in a scope of its own, each action in the name of whoever is signed in.</summary>
public sealed class AsStaff(IServiceScopeFactory scopes, SignedInStaff staff, ChangeFeed feed)
{
    public Task<Actor> Actor() => staff.Actor();

    /// <summary>Runs a use case; when it succeeded, every open dashboard hears of it. A database that is away is a refusal like any other, so that what was typed stays.</summary>
    public async Task<Outcome<T>> Do<TUseCase, T>(Func<TUseCase, Actor, Task<Outcome<T>>> work)
        where TUseCase : notnull
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var outcome = await work(scope.ServiceProvider.GetRequiredService<TUseCase>(), await staff.Actor());
            if (outcome.Succeeded)
            {
                feed.Announce();
            }

            return outcome;
        }
        catch (Exception away) when (Absence.MayPass(away))
        {
            return new Unavailable();
        }
    }

    /// <summary>Runs a use case that changes nothing, such as a preview.</summary>
    public async Task<T> Ask<TUseCase, T>(Func<TUseCase, Actor, Task<T>> work)
        where TUseCase : notnull
    {
        await using var scope = scopes.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TUseCase>(), await staff.Actor());
    }

    /// <summary>Reads for a person who may look: every role may, a session that has ended may not.</summary>
    public async Task<T> Read<TQueries, T>(Func<TQueries, Task<T>> read)
        where TQueries : notnull
    {
        if ((await staff.Actor()).Refuse(Permission.Read) is not null)
        {
            throw new UnauthorizedAccessException("The session has ended.");
        }

        await using var scope = scopes.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<TQueries>());
    }
}
