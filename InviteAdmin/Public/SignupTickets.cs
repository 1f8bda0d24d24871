using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace InviteAdmin.Public;

/// <summary>The address of a new member's page, so that it may be reloaded but is useless to others after an hour.</summary>
public sealed class SignupTickets(IDataProtectionProvider protection)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("Public.Signup").ToTimeLimitedDataProtector();

    public string For(string userId) => _protector.Protect(userId, Lifetime);

    /// <summary>The member's public id; null for a ticket that is forged or over.</summary>
    public string? Read(string ticket)
    {
        try
        {
            return _protector.Unprotect(ticket);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
