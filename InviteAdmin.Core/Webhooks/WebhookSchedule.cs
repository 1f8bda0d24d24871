namespace InviteAdmin.Webhooks;

/// <summary>
/// When a delivery is tried again: ten tries over three days, each wait a fifth longer or shorter by chance so that a flood of failures does not come back as one.
/// </summary>
public static class WebhookSchedule
{
    /// <summary>After the last of them it is given up.</summary>
    public const int MostTries = 10;

    /// <summary>An endpoint to which nothing succeeded for so long is switched off.</summary>
    public static readonly TimeSpan LongFailing = TimeSpan.FromDays(3);

    /// <summary>The longest that an endpoint's Retry-After holds everything back that is meant for it.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    /// <summary>The longest that it holds the delivery back which it answered.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromHours(24),
        TimeSpan.FromHours(27),
    ];

    /// <param name="attempt">The try that failed, from 1.</param>
    /// <param name="chance">0 to 1.</param>
    public static TimeSpan Wait(int attempt, TimeSpan? retryAfter, double chance)
    {
        var wait = Waits[Math.Clamp(attempt, 1, Waits.Length) - 1] * (0.8 + (chance * 0.4));
        return retryAfter is { } asked && asked > wait ? asked < LongestWait ? asked : LongestWait : wait;
    }

    /// <summary>How long the endpoint is left alone, when it asked for it.</summary>
    public static TimeSpan? Rest(WebhookAnswer answer) =>
        answer.Succeeded || answer.RetryAfter is not { } asked || asked <= TimeSpan.Zero ? null : asked < LongestRest ? asked : LongestRest;
}
