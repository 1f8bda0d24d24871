using System.Security.Cryptography;

namespace InviteAdmin.Outbox;

/// <summary>SendGrid's verification key: an ECDSA public key (P-256, base64 of its SubjectPublicKeyInfo). It signs the timestamp and the body of each call.</summary>
public static class SendGridKey
{
    public static bool IsValid(string key) => Import(key, out var imported) && Dispose(imported);

    /// <param name="signature">Base64 of a DER signature over SHA-256.</param>
    public static bool Signed(string key, byte[] signed, string signature)
    {
        var bytes = new byte[signature.Length];
        if (!Convert.TryFromBase64String(signature, bytes, out var length) || !Import(key, out var ecdsa))
        {
            return false;
        }

        using (ecdsa)
        {
            return ecdsa.VerifyData(signed, bytes.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    private static bool Import(string key, out ECDsa ecdsa)
    {
        ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(key), out _);
            return true;
        }
        catch (Exception bad) when (bad is FormatException or CryptographicException)
        {
            ecdsa.Dispose();
            return false;
        }
    }

    private static bool Dispose(ECDsa imported)
    {
        imported.Dispose();
        return true;
    }
}
