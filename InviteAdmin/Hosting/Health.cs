using InviteAdmin.Data;
using InviteAdmin.Redis;
using Npgsql;

namespace InviteAdmin.Hosting;

/// <summary>What a load balancer asks: is the process alive, and can it serve.</summary>
public static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz/live", () => TypedResults.Json(new { status = "live" })).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/healthz/ready", Ready).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>Ready means that PostgreSQL answers and nobody has told us to stop; without Redis everything works, if slower, so it is only told.</summary>
    private static async Task<IResult> Ready(NpgsqlDataSource postgres, RedisServer redis, Draining draining, CancellationToken cancel)
    {
        if (draining.Begun)
        {
            return TypedResults.Json(new { status = "stopping" }, statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var answers = await Answers(postgres, cancel);
        return TypedResults.Json(
            new { status = answers ? "ready" : "unavailable", postgres = answers ? "up" : "down", redis = await redis.Connected(cancel) is not null ? "up" : "down" },
            statusCode: answers ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<bool> Answers(NpgsqlDataSource postgres, CancellationToken cancel)
    {
        try
        {
            // Left behind when it takes too long: taking a command back from a silent server would take longer still.
            return await Ask().WaitAsync(Patience, cancel);
        }
        catch (Exception fault) when (Absence.MayPass(fault) && !cancel.IsCancellationRequested)
        {
            return false;
        }

        async Task<bool> Ask()
        {
            await using var command = postgres.CreateCommand("SELECT 1");
            return await command.ExecuteScalarAsync(CancellationToken.None) is 1;
        }
    }
}
