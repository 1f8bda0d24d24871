namespace InviteAdmin.Access;

/// <summary>What an actor may be allowed to do; use cases ask for exactly one each.</summary>
public enum Permission
{
    /// <summary>See the dashboard, lists and numbers.</summary>
    Read,

    /// <summary>Put people on the list.</summary>
    Join,

    /// <summary>Look up and redeem codes.</summary>
    Redeem,

    /// <summary>Release, undo and recall cohorts; change the plan; import, and export everything.</summary>
    Release,

    /// <summary>Mint campaigns, VIP and member codes.</summary>
    Mint,

    /// <summary>Resend, revoke, exclude, decline: single actions on one person or code.</summary>
    Assist,

    /// <summary>Run, pause and resume jobs; retry mail.</summary>
    Operate,

    /// <summary>Make and revoke API keys and webhooks.</summary>
    Integrate,

    /// <summary>Team, settings, removing the demo.</summary>
    Administer,
}
