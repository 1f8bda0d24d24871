using InviteAdmin.Access;

namespace InviteAdmin.Brand;

/// <summary>Words of the company's own on its public pages, in one language; null where ours are good enough.</summary>
/// <param name="Headline">Over the join form.</param>
/// <param name="Lead">Under it, and under a shared link.</param>
/// <param name="Share">What somebody says who shares their link.</param>
public sealed record BrandTexts(string? Headline = null, string? Lead = null, string? Share = null);

/// <summary>What staff save of the brand; null where nothing is.</summary>
/// <param name="Accent">A colour as in #1b5fae.</param>
public sealed record BrandValues(string? Name, string? Accent, string? PrivacyUrl, string? ImprintUrl, BrandTexts English, BrandTexts German)
{
    public static BrandValues None { get; } = new(null, null, null, null, new(), new());
}

/// <summary>The logo as it is linked to. Its hash stands in its address, so that a browser may keep it for ever.</summary>
public sealed record BrandLogo(string Hash, string MediaType, int Width, int Height)
{
    /// <summary>The path it is served at.</summary>
    public string Path => $"/brand/logo/{Hash}";
}

/// <summary>How the company shows itself, on public pages, in the widget and in mails.</summary>
/// <param name="Name">Of its product; never empty.</param>
/// <param name="Colour">Its own colour with what goes with it; null for ours.</param>
public sealed record BrandLook(string Name, BrandColour? Colour, BrandLogo? Logo, string? PrivacyUrl, string? ImprintUrl, BrandTexts English, BrandTexts German)
{
    /// <summary>The company's words in a language, which may all be missing.</summary>
    /// <param name="language">Two letters, as in de.</param>
    public BrandTexts Texts(string language) => language == "de" ? German : English;

    /// <summary>The logo's absolute address, for mails and for those who show a shared link; null without one.</summary>
    public string? LogoLink(Links links) => Logo is null ? null : links.To(Logo.Path);
}
