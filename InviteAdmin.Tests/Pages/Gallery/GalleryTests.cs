using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Gallery;
using InviteAdmin.Components.Shared;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;

namespace InviteAdmin.Tests.Pages.Gallery;

public sealed class GalleryTests(RunningApp app) : AppComponents(app), IClassFixture<RunningApp>
{
    [Fact]
    public void Gallery_ShowsEverySharedComponent()
    {
        SignIn(Role.Owner);
        var page = Render<GalleryPage>();

        Assert.Empty(Shared().Where(c => !IsShown(page, c)).Select(c => c.Name));
    }

    [Fact]
    public void EverySharedComponent_HasATest()
    {
        var tests = string.Concat(Directory.EnumerateFiles(Path.Combine(InviteAdmin.Hosting.Settings.Root()!, "InviteAdmin.Tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

        Assert.Empty(Shared().Where(c => !tests.Contains($"Render<{c.Name}>", StringComparison.Ordinal)).Select(c => c.Name));
    }

    [Fact]
    public void Gallery_NamesThatAreMarkup_StandAsText()
    {
        SignIn(Role.Owner);
        var page = Render<GalleryPage>();

        Assert.Contains(page.FindAll("a.who span"), s => s.TextContent == "<b onmouseover=alert(1)>Bold</b>");
        Assert.Empty(page.FindAll("b"));
    }

    [Fact]
    public void Gallery_InProduction_IsNotThere()
    {
        Services.AddSingleton<IWebHostEnvironment>(new Production());
        SignIn(Role.Owner);
        var page = Render<GalleryPage>();

        Assert.Equal("There is no such page", page.Find("h1").TextContent);
        Assert.False(page.HasComponent<StateTag>());
    }

    private static Type[] Shared() => [.. typeof(StateTag).Assembly.GetTypes()
        .Where(t => t.Namespace == typeof(StateTag).Namespace && t is { IsAbstract: false, IsNested: false } && typeof(IComponent).IsAssignableFrom(t))];

    private static bool IsShown(IRenderedComponent<IComponent> page, Type component) =>
        (bool)typeof(RenderedComponentExtensions).GetMethod(nameof(RenderedComponentExtensions.HasComponent))!.MakeGenericMethod(component).Invoke(null, [page])!;

    private sealed class Production : IWebHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";

        public string ApplicationName { get; set; } = "InviteAdmin";

        public string WebRootPath { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider WebRootFileProvider { get; set; } = new NullFileProvider();

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
