using System.Net;
using InviteAdmin.Access;
using InviteAdmin.Tests.Public;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.People;

/// <summary>The files of People and Audit: the rows of the table with the same query, safe for spreadsheets, and on the record.</summary>
public sealed class PeopleFilesTests(RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Csv_OfAFilter_HasItsRowsAsTextAndIsRecorded()
    {
        await Join("formula@example.com", "=HYPERLINK(1)");
        await Join("plain@example.com", "Ben, \"Junior\"");
        using var client = await SignedInAs(Role.Viewer);

        var people = await client.Get("/admin/people.csv?q=formula%40example.com&inside=nonsense");
        Assert.Contains(",'=HYPERLINK(1),formula@example.com,waiting,", people.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("plain@example.com", people.Html, StringComparison.Ordinal);
        Assert.Contains("\"Ben, \"\"Junior\"\"\",plain@example.com,waiting,", (await client.Get("/admin/people.csv?show=waiting&sort=oldest")).Html, StringComparison.Ordinal);

        var audit = await client.Get("/admin/audit.csv?action=people.exported");
        Assert.Equal(2, audit.Html.Split("exported the list of people").Length - 1);
        Assert.DoesNotContain("formula@example.com", audit.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/admin/people")]
    [InlineData("/admin/people.csv")]
    [InlineData("/admin/audit")]
    [InlineData("/admin/audit.csv")]
    public async Task Stranger_IsSentToSignIn(string path)
    {
        using var client = app.NewHttpClient();
        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync(path)).StatusCode);
    }

    private async Task Join(string email, string name)
    {
        await using var scope = app.Services.CreateAsyncScope();
        (await scope.ServiceProvider.GetRequiredService<JoinWaitlist>().One(Product.Key, new JoinRequest(email, name, EmailVerified: true), default)).Must();
    }

    private async Task<FormClient> SignedInAs(string role)
    {
        var client = new FormClient(app);
        var account = SignedIn.As(role);
        await client.Send("/sign-in", "/sign-in", ("email", account.Email), ("password", account.Password));
        return client;
    }
}
