using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Webhooks;

/// <summary>Registers the webhooks.</summary>
internal static class WebhookServices
{
    public static void AddWebhooks(this IServiceCollection services)
    {
        // The app says where the keys are kept.
        services.AddDataProtection();
        services.AddSingleton<ResolveHost>((host, cancel) => Dns.GetHostAddressesAsync(host, cancel));
        services.AddSingleton<WebhookAddress>().AddSingleton<WebhookClient>().AddSingleton<WebhookSecrets>().AddSingleton<WebhookQueue>().AddSingleton<WebhookQueries>().AddSingleton<WebhookDispatcher>();
        services.AddScoped<AddWebhook>().AddScoped<ChangeWebhook>().AddScoped<SendWebhook>().AddScoped<ReplayWebhooks>().AddScoped<DisableFailing>();
    }
}
