using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace InviteAdmin.Api;

/// <summary>
/// Whether a message was signed by Amazon SNS: canonical text and certificate as docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html describes.
/// The certificate is fetched from Amazon's own hosts only.
/// </summary>
public sealed partial class SnsSignature(IHttpClientFactory clients)
{
    private const int MostCertificates = 20;
    private static readonly string[] OfNotification = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
    private static readonly string[] OfSubscription = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
    private readonly ConcurrentDictionary<string, X509Certificate2> _certificates = new(StringComparer.Ordinal);

    /// <summary>Whether an address is one of Amazon SNS itself.</summary>
    public static bool IsAmazons(string? address, out Uri uri) =>
        Uri.TryCreate(address, UriKind.Absolute, out uri!) && uri is { Scheme: "https", IsDefaultPort: true, UserInfo: "" } && AmazonHost().IsMatch(uri.Host);

    public async Task<bool> Signed(JsonElement message, CancellationToken cancel)
    {
        var algorithm = Text(message, "SignatureVersion") switch { "1" => HashAlgorithmName.SHA1, "2" => HashAlgorithmName.SHA256, _ => default };
        if (algorithm == default || !IsAmazons(Text(message, "SigningCertURL"), out var at) || !at.AbsolutePath.EndsWith(".pem", StringComparison.Ordinal) || Text(message, "Signature") is not { } signature)
        {
            return false;
        }

        var canonical = new StringBuilder();
        foreach (var field in Text(message, "Type") == "Notification" ? OfNotification : OfSubscription)
        {
            if (Text(message, field) is { } value)
            {
                canonical.Append(field).Append('\n').Append(value).Append('\n');
            }
        }

        var bytes = new byte[signature.Length];
        if (!Convert.TryFromBase64String(signature, bytes, out var length) || await Certificate(at, cancel) is not { } certificate)
        {
            return false;
        }

        using var key = certificate.GetRSAPublicKey();
        return key?.VerifyData(Encoding.UTF8.GetBytes(canonical.ToString()), bytes[..length], algorithm, RSASignaturePadding.Pkcs1) == true;
    }

    internal static string? Text(JsonElement of, string field) => of.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private async Task<X509Certificate2?> Certificate(Uri at, CancellationToken cancel)
    {
        if (_certificates.TryGetValue(at.AbsoluteUri, out var known))
        {
            return known;
        }

        using var client = clients.CreateClient(Outward.Client);
        client.MaxResponseContentBufferSize = 64 * 1024;
        client.Timeout = TimeSpan.FromSeconds(5);
        try
        {
            var certificate = X509Certificate2.CreateFromPem(await client.GetStringAsync(at, cancel));
            if (_certificates.Count >= MostCertificates)
            {
                _certificates.Clear();
            }

            return _certificates[at.AbsoluteUri] = certificate;
        }
        catch (Exception bad) when (bad is HttpRequestException or CryptographicException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^sns\.[a-z]{2}(-[a-z]+)+-[0-9]\.amazonaws\.com(\.cn)?\z")]
    private static partial Regex AmazonHost();
}
