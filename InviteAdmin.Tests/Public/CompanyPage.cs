using InviteAdmin.Components.Pages.Developers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace InviteAdmin.Tests.Public;

/// <summary>A company's own site on another origin, as strict as one can be: no style, no picture but its icon, no inline script, no markup from text, and of ours only what docs/widget.md names.</summary>
public sealed class CompanyPage : IAsyncDisposable
{
    private readonly WebApplication _site;

    private CompanyPage(WebApplication site) => _site = site;

    public Uri Address => new(_site.Urls.First());

    /// <param name="product">Where the product is reached.</param>
    public static async Task<CompanyPage> Serve(Uri product)
    {
        var ours = product.GetLeftPart(UriPartial.Authority);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var site = builder.Build();
        site.MapGet("/", (HttpContext context) =>
        {
            var lang = context.Request.Query["lang"] == "de" ? "de" : "en";
            context.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; img-src data:; script-src {ours}; connect-src {ours}; form-action {ours}; base-uri 'none'; require-trusted-types-for 'script'";
            // The snippet as the Developers page shows it, in a page of the company's.
            var snippet = Snippets.Of(SnippetLanguage.Widget, SnippetTask.Join, ours, "").Text;
            var page = snippet.Replace("lang=\"en\"", $"lang=\"{lang}\"", StringComparison.Ordinal).Replace("<invite-waitlist>", "<meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\"><main><h1>Acme</h1><invite-waitlist>", StringComparison.Ordinal)
                .Replace("</invite-waitlist>", "</invite-waitlist></main>", StringComparison.Ordinal);
            return TypedResults.Content(page, "text/html; charset=utf-8");
        });
        await site.StartAsync();
        return new CompanyPage(site);
    }

    public async ValueTask DisposeAsync()
    {
        await _site.StopAsync();
        await _site.DisposeAsync();
    }
}
