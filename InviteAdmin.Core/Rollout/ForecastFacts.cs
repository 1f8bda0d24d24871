namespace InviteAdmin.Rollout;

/// <summary>Everything a forecast rests on. The same facts give the same forecast.</summary>
public sealed record ForecastFacts
{
    /// <summary>Local date and time of the plan's zone.</summary>
    public required DateOnly Today { get; init; }

    public required TimeOnly Now { get; init; }

    public required TimeOnly SendAt { get; init; }

    /// <summary>Whether the plan's batch of <see cref="Today"/> has gone out.</summary>
    public bool SentToday { get; init; }

    /// <summary>mon … sun.</summary>
    public required IReadOnlyList<string> Days { get; init; }

    /// <summary>draft, running, soaking, holding, paused or completed.</summary>
    public required string State { get; init; }

    /// <summary>What a plan that holds waits for: gate, data, approval or person.</summary>
    public string? WaitsFor { get; init; }

    public string? HeldReason { get; init; }

    public string? PausedBy { get; init; }

    public required IReadOnlyList<Stage> Stages { get; init; }

    /// <summary>Index of the stage in force, and the batches of it that went out, oldest first.</summary>
    public int Stage { get; init; }

    public IReadOnlyList<SentBatch> Batches { get; init; } = [];

    /// <summary>People whom a release would take; those on hold are not among them but stand in the queue, and ranks count them.</summary>
    public required long Waiting { get; init; }

    public long OnHold { get; init; }

    /// <summary>Null without a limit.</summary>
    public long? Capacity { get; init; }

    public long Members { get; init; }

    /// <summary>Open invitations by the local day they were sent.</summary>
    public IReadOnlyList<OpenInvitations> Open { get; init; } = [];

    public required int LifetimeDays { get; init; }

    /// <summary>Confirmed people who joined on each whole day, oldest first; the last is yesterday.</summary>
    public IReadOnlyList<long> Joins { get; init; } = [];

    /// <summary>Members who came without an invitation from the list, by a friend's or a campaign's code, on the same days.</summary>
    public IReadOnlyList<long> OtherMembers { get; init; } = [];

    /// <summary>For each whole day of 24 hours since an invitation: how many invitations lived through it unused or were used in it, and how many were used in it.</summary>
    public IReadOnlyList<AgeCount> Conversion { get; init; } = [];

    public Overtaking Overtaking { get; init; } = Overtaking.None;

    public int Seed => HashCode(Today.DayNumber, Stage, Stages.Count, Batches.Count);

    // The framework's own differs from one start to the next.
    private static int HashCode(params ReadOnlySpan<int> values)
    {
        var hash = 17;
        foreach (var value in values)
        {
            hash = unchecked((hash * 486_187_739) + value);
        }

        return hash;
    }
}

/// <summary>A batch of the stage in force: its local day, how many were invited, and how many of them registered on each day of 24 hours since.</summary>
public sealed record SentBatch(DateOnly Day, long Invited, IReadOnlyList<long> RegisteredByAge);

/// <summary>Open invitations of one local day. <c>Again</c> are those of them whose people let one lapse before: their next lapse takes them off the list.</summary>
public sealed record OpenInvitations(DateOnly Day, long Count, long Again);

/// <summary>Of so many invitations, so many were used on that day of their life.</summary>
public sealed record AgeCount(long Exposed, long Registered);

/// <summary>How many of the newest people on the list came in, or lifted their friend, ahead of somebody who stands at a rank.</summary>
/// <param name="Newcomers">People looked at.</param>
/// <param name="Levels">By rising rank; from one to the next the overtakers never fall.</param>
public sealed record Overtaking(long Newcomers, IReadOnlyList<OvertakingLevel> Levels)
{
    public static readonly Overtaking None = new(0, []);

    /// <summary>From the places of today's queue and what its newest people hold.</summary>
    /// <param name="queue">How many wait with so many points.</param>
    /// <param name="newcomers">How many of the newest came with so many points, brought by a waiting friend with so many, if any.</param>
    /// <param name="step">Points for bringing somebody.</param>
    public static Overtaking Of(IEnumerable<(int Points, long People)> queue, IReadOnlyCollection<(int Points, int? Friend, long People)> newcomers, int step)
    {
        var (levels, rank, most) = (new List<OvertakingLevel>(), 0L, -1L);
        foreach (var (points, people) in queue.OrderByDescending(l => l.Points))
        {
            rank += people;
            var ahead = newcomers.Where(n => n.Points > points).Sum(n => n.People)
                + newcomers.Where(n => n.Friend is { } friend && friend > points && friend - step <= points).Sum(n => n.People);
            if (ahead > most)
            {
                most = ahead;
                levels.Add(new(rank, ahead));
            }
            else
            {
                levels[^1] = levels[^1] with { UpTo = rank };
            }
        }

        return new(newcomers.Sum(n => n.People), levels);
    }
}

/// <summary>Up to this rank, so many of the people looked at came in ahead.</summary>
public sealed record OvertakingLevel(long UpTo, long Overtakers);
