using System.Net;
using InviteAdmin.Access;
using InviteAdmin.Results;
using InviteAdmin.Tests.Public;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Access;

public sealed class ChangeStaffTests(RunningApp app) : IClassFixture<RunningApp>
{
    private static readonly Actor Owner = Actor.Staff("1", "Owner", [Role.Owner]);

    [Fact]
    public async Task LastOwner_NeitherLosesTheRoleNorIsClosed()
    {
        var owner = await Find(SignedIn.As(Role.Owner).Email);

        Assert.IsType<LastOwner>((await Do(x => x.ChangeRole(Owner, owner.Id, Role.Owner, Role.Viewer, default))).Failure);
        Assert.IsType<LastOwner>((await Do(x => x.Close(Owner, owner.Id, true, null, default))).Failure);
        Assert.Equal((Role.Owner, false), ((await Find(owner.Email)).Role, (await Find(owner.Email)).Closed));
    }

    [Fact]
    public async Task TwoOwners_RemovingEachOtherAtOnce_LeaveOne_n10()
    {
        for (var round = 0; round < 10; round++)
        {
            var (first, second) = (await Make($"first-{round}@example.com", Role.Owner), await Make($"second-{round}@example.com", Role.Owner));
            var others = (await All()).Where(p => p is { Role: Role.Owner, Closed: false } && p.Id != first && p.Id != second).ToList();
            foreach (var other in others) Assert.True((await Do(x => x.Close(Owner, other.Id, true, null, default))).Must());

            var outcomes = await Task.WhenAll(Do(x => x.ChangeRole(Owner, first, Role.Owner, Role.Viewer, default)), Do(x => x.Close(Owner, second, true, null, default)));

            Assert.Single(outcomes, o => o.Succeeded);
            Assert.Single(outcomes, o => o.Failure is LastOwner);
            Assert.Single(await All(), p => p is { Role: Role.Owner, Closed: false });
            foreach (var other in others) Assert.True((await Do(x => x.Close(Owner, other.Id, false, null, default))).Must());
            foreach (var made in (long[])[first, second])
                if ((await All()).Single(p => p.Id == made) is { Role: Role.Owner }) await Do(x => x.ChangeRole(Owner, made, Role.Owner, Role.Viewer, default));
        }
    }

    [Fact]
    public async Task ChangeRole_EndsTheSessionAndIsAudited()
    {
        var id = await Make("mover@example.com", Role.Viewer);
        using var client = await SignInAs("mover@example.com");
        (await client.Get("/admin/cohorts")).Expect(200);
        Assert.NotNull((await Find("mover@example.com")).LastSignInAt);
        var stamp = await Stamp(id);

        Assert.True((await Do(x => x.ChangeRole(Owner, id, Role.Viewer, Role.Growth, default))).Must());

        Assert.NotEqual(stamp, await Stamp(id));
        Assert.Equal(Role.Growth, (await Find("mover@example.com")).Role);
        Assert.Equal("Viewer|Growth", await app.Database.Scalar<string>($"SELECT (before->>'role') || '|' || (after->>'role') FROM audit_log WHERE action = 'staff.role' AND target_id = '{id}'"));
        Assert.IsType<StaleEdit>((await Do(x => x.ChangeRole(Owner, id, Role.Viewer, Role.Owner, default))).Failure);
        Assert.IsType<Invalid>((await Do(x => x.ChangeRole(Owner, id, Role.Growth, "King", default))).Failure);
    }

    [Fact]
    public async Task Close_KeepsThemOutUntilOpened()
    {
        var id = await Make("leaver@example.com", Role.Support);
        var stamp = await Stamp(id);

        Assert.True((await Do(x => x.Close(Owner, id, true, "Left the company.", default))).Must());
        Assert.False((await Do(x => x.Close(Owner, id, true, null, default))).Must());

        Assert.NotEqual(stamp, await Stamp(id));
        using (var client = new FormClient(app)) Assert.Equal(HttpStatusCode.Unauthorized, (await client.Send("/sign-in", "/sign-in", ("email", "leaver@example.com"), ("password", Password))).Status);
        Assert.True((await Find("leaver@example.com")).Closed);

        Assert.True((await Do(x => x.Close(Owner, id, false, null, default))).Must());
        using (var client = await SignInAs("leaver@example.com")) (await client.Get("/admin/cohorts")).Expect(200);
        Assert.Equal("Left the company.", await app.Database.Scalar<string>($"SELECT reason FROM audit_log WHERE action = 'staff.closed' AND target_id = '{id}'"));
    }

    private const string Password = "a long enough pass-phrase";

    private async Task<FormClient> SignInAs(string email)
    {
        var client = new FormClient(app);
        Assert.Equal(HttpStatusCode.Redirect, (await client.Send("/sign-in", "/sign-in", ("email", email), ("password", Password))).Status);
        return client;
    }

    private Task<string> Stamp(long id) => app.Database.Scalar<string>($"SELECT security_stamp FROM staff_users WHERE id = {id}");

    private async Task<long> Make(string email, string role)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<CreateStaff>().One(Actor.System, email, "Ann Example", role, Password, default)).Must();
    }

    private async Task<Outcome<bool>> Do(Func<ChangeStaff, Task<Outcome<bool>>> call)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<ChangeStaff>());
    }

    private Task<IReadOnlyList<StaffRow>> All() => app.Services.GetRequiredService<StaffQueries>().All(default);

    private async Task<StaffRow> Find(string email) => (await All()).Single(p => p.Email == email);
}
