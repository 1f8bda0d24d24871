using InviteAdmin.Access;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Public;

/// <summary>Section <c>Widget</c>: which pages of the company's may use the widget.</summary>
public sealed class WidgetOptions
{
    /// <summary>Origins as a browser names them: https://www.example.com, without a path and without a star.</summary>
    public IList<string> Origins { get; set; } = [];

    internal static IEnumerable<string> Problems(WidgetOptions widget, IHostEnvironment environment)
    {
        for (var i = 0; i < widget.Origins.Count; i++)
        {
            if (WidgetOrigins.Name(widget.Origins[i]) is not { } origin)
            {
                yield return $"Widget:Origins:{i} must be an origin such as https://www.example.com, without a path; it is “{widget.Origins[i]}”.";
            }
            else if (!environment.IsDevelopment() && origin.StartsWith("http:", StringComparison.Ordinal))
            {
                yield return $"Widget:Origins:{i} must begin with https:// outside Development; it is “{widget.Origins[i]}”.";
            }
        }
    }
}

/// <summary>The pages that may use the widget: those of the configured origins, our own, and in Development whatever the machine serves to itself. Nobody else's script reads an answer of ours.</summary>
public sealed class WidgetOrigins
{
    /// <summary>The name of the policy of CORS. There is no other, so that nothing but the widget's calls answers it.</summary>
    public const string Policy = "widget";

    private readonly HashSet<string> _admitted;
    private readonly bool _development;

    public WidgetOrigins(IOptions<WidgetOptions> options, IOptions<AppOptions> app, IHostEnvironment environment)
    {
        _development = environment.IsDevelopment();
        var own = Uri.TryCreate(app.Value.PublicUrl, UriKind.Absolute, out var address) ? Name(address.GetLeftPart(UriPartial.Authority)) : null;
        _admitted = options.Value.Origins.Append(own).Select(Name).OfType<string>().ToHashSet(StringComparer.Ordinal);
    }

    /// <param name="origin">As the header Origin says it.</param>
    public bool Admit(string? origin) => Name(origin) is { } name && (_admitted.Contains(name) || (_development && new Uri(name).IsLoopback));

    /// <summary>The origin as browsers write it; null when the text is none.</summary>
    internal static string? Name(string? text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http") || address.Host.Length == 0)
        {
            return null;
        }

        // A path, a user, a star or a slash at its end, and it is no origin.
        var name = $"{address.Scheme}://{(address.HostNameType == UriHostNameType.Dns ? address.IdnHost : address.Host)}{(address.IsDefaultPort ? "" : $":{address.Port}")}";
        return address is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" } && !text.EndsWith('/') && !text.Contains('*', StringComparison.Ordinal) ? name.ToLowerInvariant() : null;
    }
}
