using InviteAdmin.Access;
using InviteAdmin.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Tests.Support;

/// <summary>Signs a browser in as one of the development accounts.</summary>
public static class SignedIn
{
    public static DevelopmentSignIn Account(this RunningApp app, string role) =>
        app.Services.GetRequiredService<IOptions<StaffSettings>>().Value.Development.Single(s => s.Role == role);

    public static async Task SignIn(this Visitor visitor, RunningApp app, string role = Role.Owner)
    {
        var account = app.Account(role);
        await visitor.Page.GotoAsync(StaffSignIn.SignInPath);
        await visitor.Page.FillAsync("#email", account.Email);
        await visitor.Page.FillAsync("#password", account.Password);
        await visitor.Page.ClickAsync("button[type=submit]");
        await visitor.Page.WaitForSelectorAsync("[data-interactive=true]");
    }
}
