using InviteAdmin.Campaigns;
using InviteAdmin.People;
using InviteAdmin.Referrals;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using InviteAdmin.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace InviteAdmin.Data;

/// <summary>Runs queued long work, one at a time in each process. Work that a stopping process leaves is taken up when its lease ends.</summary>
public sealed class OperationRunner(Operations operations, IServiceScopeFactory scopes, ILogger<OperationRunner> log) : BackgroundService
{
    /// <summary>Runs one operation to its end. False when none was waiting.</summary>
    public async Task<bool> Step(CancellationToken cancel)
    {
        if (await operations.Claim(cancel) is not { } operation)
        {
            return false;
        }

        LongWork.Begin();
        await using var scope = scopes.CreateAsyncScope();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var alive = operations.KeepAlive(operation.Id, over.Token);
        try
        {
            await (operation.Kind switch
            {
                "import" => scope.ServiceProvider.GetRequiredService<ImportRun>().Run(operation, dryRun: false, cancel),
                "import-check" => scope.ServiceProvider.GetRequiredService<ImportRun>().Run(operation, dryRun: true, cancel),
                ImportMembers.Kind => scope.ServiceProvider.GetRequiredService<MemberImportRun>().Run(operation, dryRun: false, cancel),
                ImportMembers.CheckKind => scope.ServiceProvider.GetRequiredService<MemberImportRun>().Run(operation, dryRun: true, cancel),
                QueueMint.Kind => scope.ServiceProvider.GetRequiredService<QueueMint>().Run(operation, cancel),
                ReplayWebhooks.Kind => scope.ServiceProvider.GetRequiredService<ReplayWebhooks>().Run(operation, cancel),
                CountPoints.Kind => scope.ServiceProvider.GetRequiredService<CountPoints>().Run(operation, cancel),
                "release" => scope.ServiceProvider.GetRequiredService<QueueRelease>().Run(operation, cancel),
                var unknown => throw new InvalidOperationException($"There is no long work of kind {unknown}."),
            });
        }
        catch (WorkTakenOver)
        {
            log.LogWarning("Operation {Id} was taken over by another process", operation.PublicId);
        }
        catch (Exception e) when (!Absence.MayPass(e) && (e is not OperationCanceledException || !cancel.IsCancellationRequested))
        {
            log.LogError(e, "Operation {Id} failed", operation.PublicId);
            await operations.Fail(operation.Id, e is WorkRefused refused ? refused.Message : "Something went wrong on our side. Nothing more was changed; start it again.", cancel);
        }
        finally
        {
            await over.CancelAsync();
            await alive.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var worked = false;
            try
            {
                worked = await Step(stoppingToken);
            }
            catch (Exception e) when (Absence.MayPass(e) && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Long work waits: {Reason}", e.GetType().Name);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(e, "Long work stumbled");
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (!worked)
            {
                await Task.Delay(400, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}

/// <summary>Long work that cannot be done, with the sentence its page shows.</summary>
public sealed class WorkRefused(string sentence) : Exception(sentence);

/// <summary>Another process holds this work now; whatever is not committed yet must not be.</summary>
public sealed class WorkTakenOver() : Exception("Another process has taken this work over.");
