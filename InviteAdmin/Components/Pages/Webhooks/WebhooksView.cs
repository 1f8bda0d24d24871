namespace InviteAdmin.Components.Pages.Webhooks;

/// <summary>The list of endpoints as its address describes it.</summary>
public sealed record WebhooksView
{
    /// <summary>Whether the form to add one is open.</summary>
    public bool Add { get; init; }
}

/// <summary>One endpoint and its deliveries as the address describes them.</summary>
public sealed record WebhookView
{
    public string? State { get; init; }

    public string? Type { get; init; }

    /// <summary>A person's, member's, cohort's or event's id.</summary>
    public string? About { get; init; }

    public long? Before { get; init; }

    /// <summary>The delivery that is open beside the list.</summary>
    public long? Delivery { get; init; }
}
