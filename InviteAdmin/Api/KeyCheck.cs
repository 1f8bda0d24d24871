using System.Security.Cryptography;
using InviteAdmin.Access;

namespace InviteAdmin.Api;

/// <summary>A route whose callers prove themselves in their own way, by a signature or a password; the header Authorization is not ours there.</summary>
public sealed record OwnProof;

/// <summary>Turns the key of a request into its <see cref="Caller"/>, and refuses what the key's scopes do not allow.</summary>
public sealed class KeyCheck(RequestDelegate next, IHostEnvironment environment, IConfiguration configuration, RateLimits limits)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _developmentKey = environment.IsDevelopment() && configuration["Api:DevelopmentKey"] is { Length: > 0 } key ? ApiKeys.Hash(key) : null;

    public async Task Invoke(HttpContext context, Caller caller, ApiKeys keys)
    {
        var call = context.GetEndpoint()?.Metadata.GetMetadata<ApiCall>();
        var given = context.Request.Headers.Authorization.ToString();
        if (context.GetEndpoint()?.Metadata.GetMetadata<OwnProof>() is not null)
        {
            await next(context);
            return;
        }

        if (given.Length > 0 || call is { Scope: not null })
        {
            if (!await Identify(context, caller, keys, given))
            {
                if (!await limits.Take(context, RateLimits.Anonymous, RateLimits.PartitionOf(context.Connection.RemoteIpAddress)))
                {
                    await RateLimits.Refusal(context).ExecuteAsync(context);
                    return;
                }

                context.Response.Headers.WWWAuthenticate = "Bearer";
                await Problem.Of("unauthorized", given.Length == 0 ? "This call needs the header Authorization: Bearer with an API key." : "This API key is not known, has expired or was revoked.").ExecuteAsync(context);
                return;
            }

            if (call?.Scope is { } scope && !Scope.Permissions([scope]).IsSubsetOf(caller.Actor.May))
            {
                await Problem.Of("not-allowed", $"This call needs a key with the scope {scope}.").ExecuteAsync(context);
                return;
            }
        }

        await next(context);
    }

    private async Task<bool> Identify(HttpContext context, Caller caller, ApiKeys keys, string given)
    {
        if (!given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var secret = given[Scheme.Length..].Trim();
        if (_developmentKey is not null && CryptographicOperations.FixedTimeEquals(_developmentKey, ApiKeys.Hash(secret)))
        {
            (caller.KeyId, caller.Actor) = ("development", Actor.Key("development", "Development key", Scope.All));
            return true;
        }

        if (await keys.Find(secret, context.RequestAborted) is not { } key)
        {
            return false;
        }

        (caller.KeyId, caller.Actor) = (key.PublicId, Actor.Key(key.PublicId, key.Name, key.Scopes));
        return true;
    }
}
