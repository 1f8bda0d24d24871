using InviteAdmin.Access;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using static InviteAdmin.Tests.Faults.FaultFlows;

namespace InviteAdmin.Tests.Faults;

/// <summary>The flows of templates, suppressions and reports about mail that pass fault points.</summary>
internal static class MailFlows
{
    public static readonly IReadOnlyList<FaultFlow> All =
    [
        Commit("SuppressAddress", (lab, n) => Call(() => lab.Product.Do<SuppressAddress, Outcome<bool>>(s => s.Stop(Product.Owner, $"stop-{n}@example.com", "A test.", default)))),
        Commit("TakeMailEvents", (lab, n) => Call(() => lab.Product.Do<TakeMailEvents, Outcome<MailEventsTaken>>(t => t.Run(Product.Owner, [new MailEvent("api", "bounce", $"bounce-{n}@example.com", null, null, true, null, $"{n}")], default)))),
        Commit("Unsubscribe", async (lab, n) =>
        {
            var token = await lab.Product.One<UnsubscribeLinks>().Token($"click-{n}@example.com", default);
            return () => lab.Product.Do<Unsubscribe, Outcome<UnsubscribeState>>(u => u.One(Actor.Public, token, default));
        }),
        Commit("ChangeTemplate", (lab, _) => Call(async () =>
        {
            var newest = await lab.Product.Database.Scalar<int>("SELECT coalesce(max(version), 0) FROM mail_templates WHERE template = 'welcome'");
            await lab.Product.Do<ChangeTemplate, Outcome<int>>(c => c.Save(Product.Owner, "welcome", MailDefaults.Find("welcome")!.Shipped, newest, default));
        })),
        Commit("StaffChat", (lab, n) => Call(() => lab.Product.Do<StaffChat, Outcome<bool>>(c => c.Save(Product.Owner, $"http://127.0.0.1:1024/{n}", default)))),
        Commit("SendTestMail", async (lab, n) =>
        {
            await lab.Execute("INSERT INTO staff_users (id, user_name, normalized_user_name, email, display_name, email_confirmed, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count) OVERRIDING SYSTEM VALUE VALUES (1, 'lab', 'LAB', 'lab@example.com', 'Lab', true, false, false, true, 0) ON CONFLICT DO NOTHING");
            return () => lab.Product.Do<SendTestMail, Outcome<long>>(s => s.One(Product.Owner, "welcome", 0, $"lab-{n}", default));
        }),
    ];
}
