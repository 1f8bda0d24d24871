using Microsoft.AspNetCore.Identity;

namespace InviteAdmin.Access;

/// <summary>Signs a staff member in by email and password. Every refusal looks and takes the same, so that it tells nobody who has an account.</summary>
public sealed class PasswordCheck(SignInManager<StaffUser> signIn, UserManager<StaffUser> users, IPasswordHasher<StaffUser> hasher, StaffQueries team)
{
    private static readonly StaffUser Nobody = new() { DisplayName = "" };
    private static string? _nobodysHash;

    public const string Refusal = "That email and password do not match, or the account is locked for a while after too many tries.";

    /// <summary>The person who is now signed in, or null.</summary>
    public async Task<StaffUser?> SignIn(string? email, string? password)
    {
        if (email is not { Length: > 0 and <= 256 } || password is not { Length: > 0 and <= 256 } || await users.FindByEmailAsync(email.Trim()) is not { } user)
        {
            // The time of one hash, as for a person who exists.
            hasher.VerifyHashedPassword(Nobody, _nobodysHash ??= hasher.HashPassword(Nobody, "nobody's password"), password is { Length: <= 256 } ? password : "");
            return null;
        }

        var result = await signIn.PasswordSignInAsync(user, password, isPersistent: false, lockoutOnFailure: true);
        if (result.IsLockedOut)
        {
            hasher.VerifyHashedPassword(Nobody, _nobodysHash ??= hasher.HashPassword(Nobody, "nobody's password"), password);
        }

        if (!result.Succeeded)
        {
            return null;
        }

        await team.CameIn(user.Id, CancellationToken.None);
        return user;
    }

    /// <summary>A path of this site to go on to; anything else becomes the dashboard.</summary>
    public static string LocalOnly(string? returnUrl) =>
        returnUrl is ['/', ..] && !returnUrl.StartsWith("//", StringComparison.Ordinal) && !returnUrl.StartsWith("/\\", StringComparison.Ordinal) && !returnUrl.Any(char.IsControl)
            ? returnUrl
            : "/admin";
}
