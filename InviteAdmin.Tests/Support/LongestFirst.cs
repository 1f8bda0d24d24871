using Xunit.Abstractions;

[assembly: TestCollectionOrderer("InviteAdmin.Tests.Support.LongestFirst", "InviteAdmin.Tests")]

namespace InviteAdmin.Tests.Support;

/// <summary>Begins with what takes minutes, so that none of it is left to run alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        nameof(Browser.EveryPageTests), BrowserCollection.Name, nameof(Faults.RedisLossTests), nameof(Faults.LeaseTests), nameof(Faults.FaultKillTests), nameof(Hosting.PrivateServersTests),
        nameof(Faults.OperatorTests), nameof(Faults.PlanProcessTests), nameof(Outbox.MailOutageTests), nameof(Api.FuzzTests), nameof(Rollout.ForecastCoverageTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(c => Array.FindIndex(Long, name => c.DisplayName.EndsWith(name, StringComparison.Ordinal)) is >= 0 and var place ? place : Long.Length);
}
