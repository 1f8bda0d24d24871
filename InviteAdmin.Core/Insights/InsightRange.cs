namespace InviteAdmin.Insights;

/// <summary>Days of a zone, both ends included.</summary>
public sealed record InsightRange(DateOnly From, DateOnly To, string Zone)
{
    public int Days => To.DayNumber - From.DayNumber + 1;

    /// <summary>As many days, right before these.</summary>
    public InsightRange Previous() => this with { From = From.AddDays(-Days), To = From.AddDays(-1) };

    /// <summary>The last days of a zone, today included.</summary>
    public static InsightRange Last(int days, DateOnly today, string zone) => new(today.AddDays(1 - days), today, zone);

    /// <summary>The slots of $1 to $2 in zone $3; the table that holds them is named i.</summary>
    internal const string Slots = "i.slot >= quarter($1::date::timestamp AT TIME ZONE $3) AND i.slot < quarter(($2::date + 1)::timestamp AT TIME ZONE $3)";
}

/// <summary>How far people came: each number counts only those of the number before it.</summary>
/// <param name="Joined">Put on the list in the range.</param>
/// <param name="Confirmed">Of those, confirmed their email.</param>
/// <param name="Invited">Of those, hold or held an invitation that was not taken back.</param>
/// <param name="Registered">Of those, signed up.</param>
/// <param name="Brought">Of those, somebody they brought has been credited.</param>
public sealed record FunnelSteps(long Joined, long Confirmed, long Invited, long Registered, long Brought)
{
    public static readonly FunnelSteps None = new(0, 0, 0, 0, 0);

    public static FunnelSteps operator +(FunnelSteps one, FunnelSteps other) => new(
        one.Joined + other.Joined, one.Confirmed + other.Confirmed, one.Invited + other.Invited, one.Registered + other.Registered, one.Brought + other.Brought);
}

/// <summary>The steps of the people of one source; no name for those who came directly.</summary>
public sealed record SourceSteps(string? Source, FunnelSteps Steps);

/// <summary>Of the members who came by a campaign in the range, how many brought somebody; and of all uses the campaign offers, how many are spent.</summary>
public sealed record CampaignSteps(string Slug, string Name, long Registered, long Brought, long Offered);

/// <summary>A cohort by the days since its release: how many had signed up by the end of each. <c>Age</c> is its age in whole days.</summary>
public sealed record CohortCurve(int Number, DateTimeOffset ReleasedAt, long Invited, int Age, IReadOnlyList<long> RegisteredByDay)
{
    public long Registered => RegisteredByDay.Count == 0 ? 0 : RegisteredByDay[^1];
}

/// <summary>The members who registered in a week and whom they brought within 28 days of registering. It may still grow until <c>IsMature</c>.</summary>
public sealed record ViralWeek(DateOnly Week, long Members, long Brought, bool IsMature)
{
    /// <summary>How many members one member brings; null without members.</summary>
    public double? Coefficient => Members == 0 ? null : (double)Brought / Members;
}

/// <summary>A count with the time it is of and how long reading it took.</summary>
public sealed record Counted<T>(T Value, DateTimeOffset? At, double Milliseconds);
