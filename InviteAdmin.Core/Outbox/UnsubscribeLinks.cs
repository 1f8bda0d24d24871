using System.Buffers.Text;
using System.Security.Cryptography;
using InviteAdmin.Access;
using InviteAdmin.People;

namespace InviteAdmin.Outbox;

/// <summary>
/// The address in a mail by which its reader unsubscribes: the keyed hash of their email and a signature over it, so that nothing is stored,
/// nobody can make one for another address, and it works for as long as the mail is kept.
/// </summary>
public sealed class UnsubscribeLinks(EmailHash hashes, Links links)
{
    private const int HashBytes = 32;
    private const int SignatureBytes = 16;

    /// <summary>Mails nobody can unsubscribe from: answers to a form that was sent just now, tests, and those to staff.</summary>
    private static readonly HashSet<string> Without = new(StringComparer.Ordinal) { "confirm", "again", "test", "rollout_held", "mail_failed", "webhook_disabled" };

    /// <summary>The address to stand in this mail, or null when the mail has none.</summary>
    public async ValueTask<string?> Of(OutboxItem item, CancellationToken cancel) =>
        Without.Contains(item.Template) || !EmailAddress.TryParse(item.Recipient, out var email, out _) ? null : links.Unsubscribe(await Token(email.Canonical, cancel));

    public async ValueTask<string> Token(string canonicalEmail, CancellationToken cancel)
    {
        var hash = await hashes.Of(canonicalEmail, cancel);
        var signature = await Signature(hash, cancel);
        byte[] token = [.. hash, .. signature];
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The email's hash, or null when we did not make this token.</summary>
    public async ValueTask<byte[]?> Open(string token, CancellationToken cancel)
    {
        var bytes = new byte[HashBytes + SignatureBytes];
        if (token.Length != 64 || !Base64Url.IsValid(token) || !Base64Url.TryDecodeFromChars(token, bytes, out var length) || length != bytes.Length)
        {
            return null;
        }

        var hash = bytes[..HashBytes];
        var signature = await Signature(hash, cancel);
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(HashBytes), signature) ? hash : null;
    }

    private async ValueTask<byte[]> Signature(byte[] hash, CancellationToken cancel) => (await hashes.Of($"unsubscribe:{Convert.ToHexString(hash)}", cancel))[..SignatureBytes];
}
