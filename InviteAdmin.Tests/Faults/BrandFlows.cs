using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using static InviteAdmin.Tests.Faults.FaultFlows;

namespace InviteAdmin.Tests.Faults;

/// <summary>The flows of what the public sees that pass a fault point.</summary>
internal static class BrandFlows
{
    public static readonly IReadOnlyList<FaultFlow> All =
    [
        Commit("ChangeBrand", async (lab, n) =>
        {
            var facts = await lab.Product.Do<ChangeBrand, BrandFacts>(x => x.Read(default));
            return () => lab.Product.Do<ChangeBrand, Outcome<BrandFacts>>(x => x.Save(Product.Owner, facts.Saved with { Name = $"Product {n}" }, facts.Version, default));
        }),
        Commit("ShowPlace", async (lab, n) =>
        {
            var (_, watch) = JoinWatch.New(null, TimeProvider.System);
            var entry = (await lab.Product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Actor.Public, new JoinRequest($"shown-{n}@example.com", "Ann") { Watch = watch }, default))).Must().Entry;
            return () => lab.Product.Do<ShowPlace, Outcome<int>>(s => s.One(Actor.Public, entry.StatusToken, default));
        }),
    ];
}
