using InviteAdmin.Access;

namespace InviteAdmin.Hosting;

/// <summary>Where links in mails point. Development takes the address it listens on; elsewhere it must be set.</summary>
public static class PublicUrl
{
    public static void AddPublicUrl(this WebApplicationBuilder builder)
    {
        builder.Services.AddChecked<AppOptions>("App", Problems);
        if (builder.Environment.IsDevelopment())
        {
            var listens = builder.Configuration["urls"]?.Split(';')[0].Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal);
            builder.Services.PostConfigure<AppOptions>(app => app.PublicUrl = app.PublicUrl.Length > 0 ? app.PublicUrl : listens ?? "http://127.0.0.1:5080");
        }
    }

    private static IEnumerable<string> Problems(AppOptions app, IHostEnvironment environment)
    {
        if (!Uri.TryCreate(app.PublicUrl, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            yield return "App:PublicUrl must be the http or https address that people reach this product by.";
    }
}
