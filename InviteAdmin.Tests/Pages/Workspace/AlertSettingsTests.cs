using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Workspace;
using InviteAdmin.Outbox;

namespace InviteAdmin.Tests.Pages.Workspace;

public sealed class AlertSettingsTests : StaffContext
{
    private static readonly StaffChatFacts None = new(null, null, null, null, null, null, null);

    [Fact]
    public void Chat_None_AsksForAnAddressOnly()
    {
        SignInAs(Role.Owner);
        var part = Show(None);
        Assert.Equal("Incoming webhook", part.Find("label").TextContent);
        Assert.Equal("Save the chat", part.Find("button").TextContent.Trim());
        Assert.Empty(part.FindAll("dl"));
    }

    [Fact]
    public void Chat_WhoseLastMessageFailed_SaysWhy()
    {
        SignInAs(Role.Owner);
        var part = Show(new("hooks.example.com", "Bea", DateTimeOffset.UnixEpoch, 7, "dead", "The chat: It answered <404>.", DateTimeOffset.UnixEpoch));
        Assert.Contains("hooks.example.com", part.Find("dd").TextContent, StringComparison.Ordinal);
        Assert.Contains("The chat: It answered <404>.", part.Find("dl").TextContent, StringComparison.Ordinal);
        Assert.Equal("/admin/emails/7", part.Find("dl a").GetAttribute("href"));
    }

    [Theory]
    [InlineData(Role.Growth)]
    [InlineData(Role.Support)]
    [InlineData(Role.Developer)]
    [InlineData(Role.Viewer)]
    public void Chat_RoleThatMayNot_SeesItAndTheReason(string role)
    {
        SignInAs(role);
        var part = Show(None with { Host = "hooks.example.com" });
        Assert.True(part.Find("#url").HasAttribute("disabled"));
        Assert.All(part.FindAll("button[data-needs]"), b => Assert.Contains("the role Owner", b.GetAttribute("title"), StringComparison.Ordinal));
    }

    private IRenderedComponent<AlertSettings> Show(StaffChatFacts facts) => Render<AlertSettings>(p => p.Add(c => c.Facts, facts).Add(c => c.OnSaved, _ => { }));
}
