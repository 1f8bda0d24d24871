namespace InviteAdmin.Webhooks;

/// <summary>The section <c>Webhooks</c>.</summary>
public sealed class WebhooksOptions
{
    /// <summary>Whether endpoints may stand on this machine; for tests and for trying things out.</summary>
    public bool AllowLoopback { get; set; }

    /// <summary>Whether plain HTTP is allowed, which no setting can say: only an app in Development does.</summary>
    public bool AllowHttp { get; private set; }

    /// <summary>How long one try may take in all, 15 to 30.</summary>
    public int TimeoutSeconds { get; set; } = 20;

    public void InDevelopment() => AllowHttp = true;
}
