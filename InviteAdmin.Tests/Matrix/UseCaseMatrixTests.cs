using System.Reflection;
using InviteAdmin.Access;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using static InviteAdmin.Access.Permission;

namespace InviteAdmin.Tests.Matrix;

/// <summary>
/// Every method that acts in somebody's name, called as every role: it refuses exactly those whose role does not carry its permission, whatever
/// page, route or circuit event led there. Found by reflection, so that a new one fails until it stands in the table.
/// </summary>
public sealed class UseCaseMatrixTests(RunningApp app) : IClassFixture<RunningApp>
{
    // Any one of the permissions is enough.
    private static readonly Dictionary<string, Permission[]> Table = new(StringComparer.Ordinal)
    {
        ["AddWebhook.One"] = [Integrate],
        ["ChangeBrand.RemoveLogo"] = [Release],
        ["ChangeBrand.Save"] = [Release],
        ["ChangeBrand.SaveLogo"] = [Release],
        ["ChangeLifetimes.Save"] = [Administer],
        ["ChangeMilestone.Add"] = [Administer],
        ["ChangeMilestone.Edit"] = [Administer],
        ["ChangeMilestone.Remove"] = [Administer],
        ["ChangePlan.Approve"] = [Release],
        ["ChangePlan.Edit"] = [Release],
        ["ChangePlan.GoTo"] = [Release],
        ["ChangePlan.Pause"] = [Release],
        ["ChangePlan.Run"] = [Release],
        ["ChangePointRules.Save"] = [Administer],
        ["ChangePoints.One"] = [Release],
        ["ChangePoints.TakeBack"] = [Release],
        ["ChangeSource.Add"] = [Administer],
        ["ChangeSource.Edit"] = [Administer],
        ["ChangeSource.Remove"] = [Administer],
        ["ChangeSource.Retire"] = [Administer],
        ["ChangeStaff.ChangeRole"] = [Administer],
        ["ChangeStaff.Close"] = [Administer],
        ["ChangeTemplate.Publish"] = [Release],
        ["ChangeTemplate.Save"] = [Release],
        ["ChangeWebhook.Choose"] = [Integrate],
        ["ChangeWebhook.Disable"] = [Integrate],
        ["ChangeWebhook.Enable"] = [Integrate],
        ["ChangeWebhook.Remove"] = [Integrate],
        ["ChangeWebhook.Rotate"] = [Integrate],
        ["CodeQueries.Find"] = [Redeem, Read],
        ["ConfirmEmail.One"] = [Join],
        ["CreateApiKey.One"] = [Integrate],
        ["CreateStaff.One"] = [Administer],
        ["CreateVipCode.One"] = [Mint],
        ["DeclineEntry.ById"] = [Assist],
        ["DeclineEntry.ByToken"] = [Join],
        ["DemoLaunch.Load"] = [Administer],
        ["DemoLaunch.Remove"] = [Administer],
        ["ErasePerson.One"] = [Assist],
        ["ExcludeEntry.Exclude"] = [Assist],
        ["ExcludeEntry.Include"] = [Assist],
        ["ExportEverything.One"] = [Release],
        ["ExportPerson.One"] = [Assist],
        ["ExtendCode.One"] = [Assist],
        ["ImportMembers.Start"] = [Release],
        ["ImportWaitlist.Start"] = [Release],
        ["ImportWaitlist.Upload"] = [Release],
        ["InspectSystem.Invariants"] = [Integrate],
        ["InspectSystem.Now"] = [Integrate],
        ["InvitePerson.One"] = [Release],
        ["IssueCodes.ToMember"] = [Mint],
        ["JobBoard.Pause"] = [Operate],
        ["JobBoard.Resume"] = [Operate],
        ["JobBoard.RunNow"] = [Operate],
        ["JoinWaitlist.One"] = [Join],
        ["LapseInvitations.Run"] = [Operate],
        ["MintCampaign.One"] = [Mint],
        ["NotePerson.Add"] = [Assist],
        ["NotePerson.Delete"] = [Assist],
        ["QueueMint.Start"] = [Mint],
        ["QueueRelease.Start"] = [Release],
        ["PostSignal.One"] = [Release],
        ["RaiseLimit.One"] = [Mint],
        ["RecallCohort.Recall"] = [Release],
        ["RecallCohort.RecallStage"] = [Release],
        ["RecallCohort.Undo"] = [Release],
        ["RecordActivity.One"] = [Redeem],
        ["RedeemInvite.One"] = [Redeem],
        ["RefreshInsights.Run"] = [Operate],
        ["RefreshInsights.RunWhenRested"] = [Operate],
        ["ReleaseCohort.Preview"] = [Release],
        ["ReleaseCohort.Release"] = [Release],
        ["ReplaceCode.One"] = [Assist],
        ["ReplayWebhooks.Start"] = [Integrate],
        ["ResendInvitation.One"] = [Assist],
        ["ResendInvitation.Undo"] = [Assist],
        ["RetryMail.One"] = [Operate, Assist],
        ["RevokeApiKey.One"] = [Integrate],
        ["RollApiKey.EndPrevious"] = [Integrate],
        ["RollApiKey.One"] = [Integrate],
        ["RevokeCampaign.All"] = [Mint],
        ["RevokeCode.One"] = [Assist],
        ["RewardMember.One"] = [Mint],
        ["RunPlan.Run"] = [Release],
        ["SendTestMail.One"] = [Release],
        ["StaffChat.Remove"] = [Administer],
        ["StaffChat.Save"] = [Administer],
        ["StaffChat.Test"] = [Administer],
        ["SuppressAddress.Lift"] = [Assist],
        ["SuppressAddress.Stop"] = [Assist],
        ["TakeMailEvents.Run"] = [Integrate],
        ["SendWebhook.Resend"] = [Integrate],
        ["SendWebhook.Test"] = [Integrate],
        ["ShowPlace.One"] = [Join],
        ["TryPlan.One"] = [Read],
        ["TryPoints.One"] = [Read],
        ["UndoRevocation.OfCampaign"] = [Mint],
        ["UndoRevocation.OfCode"] = [Assist],
        ["UndoReward.One"] = [Mint],
        ["Unsubscribe.Look"] = [Join],
        ["Unsubscribe.One"] = [Join],
        ["Unsubscribe.TakeBack"] = [Join],
    };

    public static IEnumerable<object[]> Roles => Role.All.Append("").Select(r => new object[] { r });

    [Fact]
    public void UseCases_OfBothAssemblies_AreAllInTheTable() => Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), Methods().Select(Name).Distinct().Order(StringComparer.Ordinal));

    /// <summary>The empty role is that of a session that has ended.</summary>
    [Theory]
    [MemberData(nameof(Roles))]
    public async Task UseCase_EveryOne_RefusesExactlyWhoLacksItsPermission(string role)
    {
        var actor = Actor.Staff("1", "Somebody", role.Length == 0 ? [] : [role]);
        var wrong = new List<string>();
        foreach (var method in Methods())
        {
            var may = Table[Name(method)].Any(actor.May.Contains);
            var failure = await Call(method, actor);
            if (may == failure is NotAllowed) wrong.Add($"{Name(method)} as {role}: {(may ? "refused" : "let in")}");
            if (failure is NotAllowed { Needs: var needs } && !needs.EndsWith(Role.Having(Table[Name(method)][0], Table[Name(method)] is [_, var or] ? or : null), StringComparison.Ordinal)) wrong.Add($"{Name(method)} as {role}: says “{needs}”");
        }

        Assert.Empty(wrong);
    }

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static IEnumerable<MethodInfo> Methods() => ((Assembly[])[typeof(Actor).Assembly, typeof(Program).Assembly]).SelectMany(a => a.GetExportedTypes())
        .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(m => m.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(Actor) && OutcomeOf(m) is not null)
        .OrderBy(Name, StringComparer.Ordinal);

    private static Type? OutcomeOf(MethodInfo method) =>
        method.ReturnType is { IsGenericType: true } task && task.GetGenericTypeDefinition() == typeof(Task<>) && task.GetGenericArguments()[0] is { IsGenericType: true } outcome
        && outcome.GetGenericTypeDefinition() == typeof(Outcome<>) ? outcome : null;

    /// <summary>What it answered; null also for whoever was let in and met an exception because the arguments are made up.</summary>
    private async Task<Failure?> Call(MethodInfo method, Actor actor)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var useCase = scope.ServiceProvider.GetRequiredService(method.DeclaringType!);
        try
        {
            var task = (Task)method.Invoke(useCase, [actor, .. method.GetParameters().Skip(1).Select(p => MadeUp(p.ParameterType))])!;
            await task;
            return (Failure?)OutcomeOf(method)!.GetProperty("Failure")!.GetValue(task.GetType().GetProperty("Result")!.GetValue(task));
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return null;
        }
    }

    private static object? MadeUp(Type type) => type switch
    {
        _ when type == typeof(CancellationToken) => CancellationToken.None,
        _ when type == typeof(string) => "x",
        _ when Nullable.GetUnderlyingType(type) is not null => null,
        { IsValueType: true } => Activator.CreateInstance(type),
        _ when type.IsAssignableFrom(typeof(MemoryStream)) => new MemoryStream(),
        _ when typeof(Delegate).IsAssignableFrom(type) => null,
        { IsArray: true } => Array.CreateInstance(type.GetElementType()!, 0),
        { IsInterface: true, IsGenericType: true } when type.GetGenericArguments() is [_] => Array.CreateInstance(type.GetGenericArguments()[0], 0),
        { IsInterface: true } => null,
        _ => type.GetConstructors() is [var made, ..] ? made.Invoke([.. made.GetParameters().Select(p => MadeUp(p.ParameterType))]) : null,
    };
}
