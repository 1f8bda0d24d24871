using InviteAdmin.Access;
using InviteAdmin.Tests.Browser;
using static InviteAdmin.Access.Permission;

namespace InviteAdmin.Tests.Matrix;

/// <summary>A page of the dashboard: where it stands with the demo loaded, who may open it, and which permissions its controls need.</summary>
/// <param name="Template">As it stands in its <c>@page</c>.</param>
/// <param name="Path">One that exists.</param>
/// <param name="Opens">Who lacks it gets 403 and the roles that have it.</param>
/// <param name="Controls">What the buttons of the page ask for, as an owner sees it.</param>
/// <param name="Missing">The same page for an id that does not exist.</param>
public sealed record PageRow(string Template, Func<DemoApp, Task<string>> Path, Permission Opens, Permission[] Controls, string? Missing = null, int Status = 200);

/// <summary>All pages of the dashboard. A page that is missing here fails <see cref="PageMatrixTests"/>.</summary>
public static class PageTable
{
    /// <summary>Shows every part in every state in Development, refusals and faults among them, so that the rules of pages do not hold for it.</summary>
    public const string Gallery = "/admin/components";

    public static readonly IReadOnlyList<PageRow> All =
    [
        At("/admin", [Administer]),
        At("/admin/waitlist", []),
        At("/admin/waitlist/import", [], opens: Release),
        At("/admin/invite", [], opens: Release),
        At("/admin/cohorts", []),
        new("/admin/cohorts/{Number}", _ => Task.FromResult("/admin/cohorts/2"), Read, [Release], "/admin/cohorts/99999"),
        At("/admin/rollout", [Release]),
        At("/admin/rollout/edit", [Release], opens: Release),
        new("/admin/people/{Id}", async demo => $"/admin/people/{await demo.App.Database.Scalar<string>("SELECT public_id FROM waitlist_entries WHERE status = 'invited' ORDER BY id LIMIT 1")}", Read, [Assist], "/admin/people/wl_nobody"),
        new("/admin/codes/{Code}", async demo => $"/admin/codes/{await demo.App.Database.Scalar<string>("SELECT shown FROM invite_codes WHERE kind = 'campaign' AND status = 'active' AND used_count < max_uses AND (expires_at IS NULL OR expires_at > now()) ORDER BY id LIMIT 1")}", Read, [Assist, Mint], "/admin/codes/NO-SUCH-CODE"),
        At("/admin/codes", [Mint]),
        At("/admin/campaigns", [Mint]),
        new("/admin/campaigns/{Slug}", _ => Task.FromResult("/admin/campaigns/launch-week-demo"), Read, [Mint], "/admin/campaigns/no-such-campaign"),
        At("/admin/people", []),
        At("/admin/audit", []),
        At("/admin/referrals", [Mint]),
        new("/admin/referrals/{Id}", async demo => $"/admin/referrals/{await demo.App.Database.Scalar<string>("SELECT public_id FROM members ORDER BY credited_referrals DESC, id LIMIT 1")}", Read, [Mint], "/admin/referrals/usr_nobody"),
        At("/admin/insights", []),
        At("/admin/insights/people", []),
        At("/admin/developers", [], opens: Integrate),
        At("/admin/emails", []),
        At("/admin/emails/suppressions", [Assist]),
        At("/admin/emails/templates", []),
        new("/admin/emails/templates/{Name}", _ => Task.FromResult("/admin/emails/templates/invitation"), Read, [Release], "/admin/emails/templates/no-such-template"),
        new("/admin/emails/{Id:long}", async demo => $"/admin/emails/{await demo.App.Database.Scalar<long>("SELECT id FROM outbox WHERE state = 'dead' ORDER BY id LIMIT 1")}", Read, [Operate, Assist], "/admin/emails/999999999"),
        At("/admin/webhooks", [Integrate]),
        new("/admin/webhooks/{Id}", async demo => $"/admin/webhooks/{await demo.Webhook()}", Read, [Integrate], "/admin/webhooks/wh_nobody"),
        At("/admin/jobs", [Operate]),
        new("/admin/search", _ => Task.FromResult("/admin/search"), Read, [], Status: 302),
        At("/admin/settings", [Administer]),
        At("/admin/system", [Integrate], opens: Integrate),
        new("/admin/not-allowed", _ => Task.FromResult("/admin/not-allowed"), Read, [], Status: 403),
        new("/admin/{*path}", _ => Task.FromResult("/admin/no/such/page"), Read, [], "/admin/no-such-page", Status: 404),
    ];

    private static PageRow At(string path, Permission[] controls, Permission opens = Read) => new(path, _ => Task.FromResult(path), opens, controls);
}
