using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Data;

/// <summary>Long work between processes: who has lost it writes nothing more.</summary>
public sealed class OperationTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    [Fact]
    public async Task Release_TakenOverWhileItRan_IsRolledBackAndLeftToTheOther()
    {
        await using var product = new Product(database);
        await product.Waiting("ann@example.com");
        (await product.Do<QueueRelease, Outcome<string>>(q => q.Start(Product.Owner, new ReleaseRequest(1), "press", default))).Must();
        var operations = product.One<Operations>();
        var frozen = (await operations.Claim(default))!;
        Assert.Null(await operations.Claim(default));

        await Execute("UPDATE operations SET process = 'other:1'");
        await Assert.ThrowsAsync<WorkTakenOver>(() => product.Do<QueueRelease, bool>(async q =>
        {
            await q.Run(frozen, default);
            return true;
        }));
        await operations.Fail(frozen.Id, "Not mine to fail.", default);
        Assert.Equal("running 0", await State());

        // The other one dies as well; whoever finds the lease run out goes on, and there is one cohort.
        await Execute("UPDATE operations SET lease_until = now() - interval '1 second'");
        Assert.True(await product.One<OperationRunner>().Step(default));
        Assert.Equal("done 1", await State());
        Assert.False(await product.One<OperationRunner>().Step(default));
        Assert.Equal("done 1", await State());
        Assert.Empty(await product.Violations());
    }

    private Task<string> State() => database.Scalar<string>("SELECT state || ' ' || (SELECT count(*) FROM cohorts) FROM operations");

    private async Task Execute(string sql)
    {
        await using var command = database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
