namespace InviteAdmin.Components.Pages.Gallery;

/// <summary>The theme the components are shown in, whatever the person's own is.</summary>
public enum GalleryTheme
{
    Own,
    Light,
    Dark,
}

/// <summary>How the gallery shows its components.</summary>
public sealed record GalleryView
{
    public GalleryTheme Theme { get; init; }

    public bool Compact { get; init; }
}
