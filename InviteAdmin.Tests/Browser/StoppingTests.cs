using System.Diagnostics;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class StoppingTests(Chromium chromium)
{
    [Fact]
    public async Task Stop_DashboardOpenInABrowser_StopsAppAndServersWithinFiveSeconds()
    {
        using var data = new ScratchFolder();
        await using var app = await AppProcess.Start(new Dictionary<string, string> { ["INVITEADMIN_DATA"] = data.Path });
        await using var visitor = await chromium.NewVisitor(app.Address);
        await visitor.SignIn();

        var stopping = Stopwatch.StartNew();
        await app.Signal("TERM");
        await app.Exit();

        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(5), $"took {stopping.Elapsed}");
    }
}
