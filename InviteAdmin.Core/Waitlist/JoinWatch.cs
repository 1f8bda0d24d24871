using System.Security.Cryptography;
using System.Text;
using InviteAdmin.Access;

namespace InviteAdmin.Waitlist;

/// <summary>A join whose page waits to hear that its mail was answered: the hash of the token that only the page knows, and the site it stands on.</summary>
public sealed record JoinWatch(byte[] TokenHash, string? Site)
{
    /// <summary>After so long a page that still asks hears no more, and after an hour nothing of it is left.</summary>
    public const int Minutes = 30;

    /// <summary>With the token for the page.</summary>
    public static (string Token, JoinWatch Watch) New(string? site, TimeProvider time)
    {
        var token = Tokens.NewLink(time);
        return (token, new(HashOf(token), site));
    }

    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
