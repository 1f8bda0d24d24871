namespace InviteAdmin.Access;

/// <summary>Section <c>App</c>: where the public reaches this product.</summary>
public sealed class AppOptions
{
    /// <summary>Absolute http(s) address without a trailing slash; every link we mail begins with it.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>The company's product, as public pages and mails name it.</summary>
    public string ProductName { get; set; } = "InviteAdmin";
}
