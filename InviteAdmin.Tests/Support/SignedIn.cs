using InviteAdmin.Access;
using InviteAdmin.Hosting;
using Microsoft.Extensions.Configuration;

namespace InviteAdmin.Tests.Support;

/// <summary>Signs a browser in as one of the development accounts.</summary>
public static class SignedIn
{
    private static readonly IReadOnlyList<DevelopmentSignIn> Accounts = new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(Settings.Root()!, "appsettings.Development.json")).Build().GetSection("Staff").Get<StaffSettings>()!.Development;

    public static DevelopmentSignIn As(string role) => Accounts.Single(s => s.Role == role);

    public static async Task SignIn(this Visitor visitor, string role = Role.Owner)
    {
        var account = As(role);
        await visitor.Page.GotoAsync(StaffSignIn.SignInPath);
        await visitor.Page.FillAsync("#email", account.Email);
        await visitor.Page.FillAsync("#password", account.Password);
        await visitor.Page.ClickAsync("button[type=submit]");
        await visitor.Page.WaitForSelectorAsync("[data-interactive=true]");
    }
}
