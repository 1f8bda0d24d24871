using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace InviteAdmin.Access;

/// <summary>Sign-in for staff: Identity with a cookie, policies by permission, keys in the database.</summary>
public static class StaffSignIn
{
    public const string SignInPath = "/sign-in";
    public const string SignOutPath = "/sign-out";

    public static void AddStaffSignIn(this IServiceCollection services)
    {
        services.AddIdentityCore<StaffUser>(options =>
            {
                options.User.RequireUniqueEmail = true;
                // Length beats composition (NIST SP 800-63B section 5.1.1.2).
                options.Password = new() { RequiredLength = 12, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false, RequiredUniqueChars = 4 };
                options.Lockout = new() { MaxFailedAccessAttempts = 5, DefaultLockoutTimeSpan = TimeSpan.FromMinutes(15), AllowedForNewUsers = true };
            })
            .AddRoles<IdentityRole<long>>()
            .AddEntityFrameworkStores<Data.InviteAdminDb>()
            .AddClaimsPrincipalFactory<StaffClaims>()
            .AddSignInManager();
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).Configure<IConfiguration>(Shape);
        services.Configure<SecurityStampValidatorOptions>(o => o.ValidationInterval = TimeSpan.FromSeconds(30));

        services.AddStaffPolicies();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, CircuitSession>();
        services.AddScoped<SignedInStaff>();
        services.AddScoped<CreateStaff>();
        services.AddScoped<PasswordCheck>();
        services.AddScoped<StaffLook>();
        services.AddHostedService<DevelopmentStaff>();

        services.AddDataProtection().SetApplicationName("InviteAdmin");
        services.AddSingleton<DatabaseKeys>();
        services.AddOptions<KeyManagementOptions>().Configure<DatabaseKeys>((options, keys) => options.XmlRepository = keys);
    }

    /// <summary>Sign-out by POST, and the front door: staff go to the dashboard, everybody else to the list.</summary>
    public static void MapStaffSignIn(this WebApplication app)
    {
        app.MapPost(SignOutPath, async (HttpContext context, IAntiforgery antiforgery) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return (IResult)TypedResults.BadRequest();
            }

            await context.SignOutAsync(IdentityConstants.ApplicationScheme);
            return TypedResults.LocalRedirect(SignInPath);
        }).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/", (HttpContext context) => TypedResults.LocalRedirect(context.User.Identity?.IsAuthenticated == true ? "/admin" : "/waitlist"))
            .AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>What a page asks for beyond being allowed to look.</summary>
    public static Permission? Needed(IEnumerable<IAuthorizeData> asked) =>
        asked.Select(a => Enum.TryParse<Permission>(a.Policy, out var needed) && needed != Permission.Read ? (Permission?)needed : null).FirstOrDefault(p => p is not null);

    private static void Shape(CookieAuthenticationOptions options, IConfiguration configuration)
    {
        var https = configuration["App:PublicUrl"]?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;
        options.Cookie.Name = https ? "__Host-InviteAdmin" : "InviteAdmin";
        options.Cookie.SecurePolicy = https ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        options.Cookie.Path = "/";
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.HttpOnly = true;
        options.ExpireTimeSpan = TimeSpan.FromHours(12);
        options.SlidingExpiration = true;
        options.LoginPath = SignInPath;
        options.AccessDeniedPath = "/admin/not-allowed";
        options.ReturnUrlParameter = "returnUrl";
        // The page that says no says which role would do.
        options.Events.OnRedirectToAccessDenied = context =>
        {
            var needed = Needed(context.HttpContext.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>() ?? []);
            context.Response.Redirect(needed is null ? context.RedirectUri : QueryHelpers.AddQueryString(context.RedirectUri, "needs", needed.Value.ToString()));
            return Task.CompletedTask;
        };
        // Whom a page does not ask for, it need not look up: style sheets and public pages are served to staff also while the database is away.
        var look = options.Events.OnValidatePrincipal;
        options.Events.OnValidatePrincipal = context =>
            context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null ? look(context) : Task.CompletedTask;
    }
}
