using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using static InviteAdmin.Tests.Faults.FaultFlows;

namespace InviteAdmin.Tests.Faults;

/// <summary>The flows of an import of members, and of an export, that pass fault points.</summary>
internal static class MemberImportFlows
{
    public static readonly IReadOnlyList<FaultFlow> All =
    [
        Commit("ImportMembers", async (lab, n) =>
        {
            var file = await File(lab, n);
            return () => lab.Product.Do<ImportMembers, Outcome<string>>(i => i.Start(Product.Owner, file, "members.csv", true, $"check-{n}", default));
        }),
        new("MemberImportRun", "commit", Whole: false, async (lab, n) =>
        {
            (await lab.Product.Do<ImportMembers, Outcome<string>>(async i => await i.Start(Product.Owner, await File(lab, n), "members.csv", false, $"members-{n}", default))).Must();
            return async () => { while (await lab.Product.One<OperationRunner>().Step(default)) { } };
        }),
        Commit("ExportEverything", (lab, _) => Call(() => lab.Product.Do<ExportEverything, Outcome<ExportedRows>>(e => e.One(Product.Owner, new MemoryStream(), values => string.Join(',', values), default)))),
    ];

    private static async Task<string> File(FaultLab lab, int n) =>
        (await lab.Product.Do<ImportWaitlist, Outcome<string>>(i => i.Upload(Product.Owner, new MemoryStream(Csv(n)), default))).Must();
}
