using System.Text.Json;
using System.Text.Json.Serialization;

namespace InviteAdmin.Api;

/// <summary>The HTTP API, version 1: its services, its rings and its routes.</summary>
public static class ApiRoutes
{
    public const string Root = "/api/v1";

    public static void AddInviteApi(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LimitsOptions>().Bind(configuration.GetSection("Limits"));
        services.AddSingleton<RateLimits>();
        services.AddScoped<Caller>().AddSingleton<SnsSignature>();
        services.AddHttpClient(Outward.Client);
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(o => Shape(o.SerializerOptions));
        services.AddApiDocument();
    }

    public static void MapInviteApi(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api"), api =>
        {
            api.UseMiddleware<RequestNote>();
            api.UseMiddleware<ApiFaults>();
            api.UseMiddleware<KeyCheck>();
            api.UseMiddleware<ApiLimits>();
            api.UseMiddleware<BodyBound>();
            api.UseMiddleware<Replay>();
            api.UseMiddleware<BadInput>();
        });

        // The rings above decide who may call; the dashboard's sign-in has no say here.
        var api = app.MapGroup(Root).AllowAnonymous();
        api.MapWaitlist();
        api.MapCodes();
        api.MapCampaigns();
        api.MapCohorts();
        api.MapMembers();
        api.MapRollout();
        api.MapMailEvents();
        api.MapStats();
        api.MapPeople();
        api.MapWebhooks();
        app.MapNoSuchCall();
        app.MapProblemPages();
        app.MapApiDocument();
    }

    private static void Shape(JsonSerializerOptions json)
    {
        json.NumberHandling = JsonNumberHandling.Strict;
        json.AllowDuplicateProperties = false;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        json.Converters.Add(new UtcTime());
    }
}
