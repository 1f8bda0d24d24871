namespace InviteAdmin.Components.Pages.Outbox;

/// <summary>How a mail is looked at before it is published.</summary>
public enum MailLook
{
    Desk,
    Phone,
    Dark,
    Text,
}

/// <summary>A template's page as its address describes it.</summary>
public sealed record TemplateView
{
    /// <summary>The version that is looked at; without it the newest.</summary>
    public int? Version { get; init; }

    public MailLook Look { get; init; }

    /// <summary>The email of the person it is shown for; a sample without it.</summary>
    public string? For { get; init; }
}
