using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Access;
using Microsoft.AspNetCore.Authorization;

namespace InviteAdmin.Tests.Pages.Access;

public sealed class NotAllowedPageTests : BunitContext
{
    public NotAllowedPageTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    [Fact]
    public void Page_ThatNeedsMore_SaysWhichRoleWouldDo() =>
        Assert.Contains("This page needs the role Owner or Developer.", Render<NotAllowedPage>(p => p.Add(c => c.Page, typeof(KeysPage))).Markup, StringComparison.Ordinal);

    [Fact]
    public void Page_ThatEveryoneMayRead_NamesNoRole() =>
        Assert.Equal("Your role cannot open this", Render<NotAllowedPage>(p => p.Add(c => c.Page, typeof(ReadPage))).Find("h2").TextContent);

    [Authorize(Policy = nameof(Permission.Read))]
    [Authorize(Policy = nameof(Permission.Integrate))]
    private sealed class KeysPage;

    [Authorize(Policy = nameof(Permission.Read))]
    private sealed class ReadPage;
}
