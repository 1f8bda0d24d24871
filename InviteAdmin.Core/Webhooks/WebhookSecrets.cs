using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace InviteAdmin.Webhooks;

/// <summary>
/// Secrets and signatures as Standard Webhooks has them (standardwebhooks.com): <c>whsec_</c> and 32 random bytes in base64; <c>v1,</c> and HMAC-SHA256 over id, timestamp and body.
/// A stored secret is encrypted by Data Protection, because a signature needs it as it is.
/// </summary>
public sealed class WebhookSecrets(IDataProtectionProvider protection)
{
    public const string Prefix = "whsec_";
    private const int Bytes = 32;
    private readonly IDataProtector _protector = protection.CreateProtector("InviteAdmin.WebhookSecrets");

    public static string New() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));

    public string Protect(string secret) => _protector.Protect(secret);

    public string Reveal(string stored) => _protector.Unprotect(stored);

    /// <summary>The header webhook-signature: one signature for each secret, separated by spaces.</summary>
    public static string Sign(IEnumerable<string> secrets, string id, DateTimeOffset at, string body)
    {
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.{body}"));
        return string.Join(' ', secrets.Select(s => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(s[Prefix.Length..]), signed))));
    }
}
