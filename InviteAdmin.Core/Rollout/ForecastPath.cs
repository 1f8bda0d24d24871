namespace InviteAdmin.Rollout;

/// <summary>Why a path still had people waiting when it ended.</summary>
internal enum StillWaiting
{
    Nobody,
    MoreJoin,
    Seats,
    Gate,
    PlanEnds,
}

/// <summary>
/// One possible course of a launch, from batch to batch. A step is the moment of a day's batch and the 24 hours after it: invitations at the end of their life lapse (the person
/// waits again in front, once), open ones are used by age, people join, members come by other codes. The arrays serve one path after the other.
/// </summary>
internal sealed class ForecastPath
{
    private readonly ForecastFacts _facts;
    private readonly int _horizon, _chart, _life;
    private readonly DateOnly _start;
    private readonly double _before, _first;
    private readonly bool[] _sends;
    private readonly double[] _shares;
    private readonly long[] _open, _again;
    private readonly DailyRate _joins, _others;
    private readonly ConversionRate _conversion;
    private readonly List<GateCohort> _cohorts = [];
    private long _waiting, _returned, _members, _outstanding;
    private int _stage, _sent, _last;
    private bool _seatsShort;
    private (double Mean, double Spread) _join, _other;

    public ForecastPath(ForecastFacts facts, int horizon, int chart)
    {
        (_facts, _horizon, _chart, _life) = (facts, horizon, chart, Math.Max(1, facts.LifetimeDays));
        (_start, _before, _first) = FirstBatch(facts);
        _sends = [.. Enumerable.Range(0, 7).Select(d => facts.Days.Contains(_start.AddDays(d).DayOfWeek.ToString()[..3].ToLowerInvariant(), StringComparer.Ordinal))];
        _shares = new double[_life];
        (_open, _again) = (new long[horizon + _life + 1], new long[horizon + _life + 1]);
        (_joins, _others, _conversion) = (new(facts.Joins), new(facts.OtherMembers), new(facts.Conversion, _life));
        (Net, Newcomers, Invited, Seats) = (new long[horizon], new long[horizon], new long[horizon], new long[horizon]);
    }

    /// <summary>The day of the first step.</summary>
    public DateOnly Start => _start;

    /// <summary>By step: all invited so far less those who came back, and all who joined, each after the batch.</summary>
    public long[] Net { get; }

    public long[] Newcomers { get; }

    /// <summary>By step: invited in its batch, and seats held after it.</summary>
    public long[] Invited { get; }

    public long[] Seats { get; }

    /// <summary>Steps that were gone through.</summary>
    public int Steps { get; private set; }

    /// <summary>The step after whose batch nobody waited for the first time; −1 when there is none.</summary>
    public int EmptyAt { get; private set; }

    public StillWaiting Reason { get; private set; }

    public void Run(ForecastDraws draws)
    {
        Begin(draws);
        long net = 0, newcomers = 0;
        Live(-1, _before, draws, ref net, ref newcomers);
        for (var step = 0; step < _horizon; step++)
        {
            var invited = Batch(step);
            net += invited;
            (Net[step], Newcomers[step], Invited[step], Seats[step]) = (net, newcomers, invited, _members + _outstanding);
            Steps = step + 1;
            if (_waiting == 0 && EmptyAt < 0)
            {
                EmptyAt = step;
            }

            if (step + 1 >= _chart && (EmptyAt >= 0 || Reason == StillWaiting.PlanEnds))
            {
                return;
            }

            Live(step, step == 0 ? _first : 1, draws, ref net, ref newcomers);
        }

        Reason = EmptyAt >= 0 ? StillWaiting.Nobody : Reason != StillWaiting.Nobody ? Reason : _seatsShort ? StillWaiting.Seats : StillWaiting.MoreJoin;
    }

    // Before the send time the day begins with its batch ahead; a batch that is overdue goes out at once.
    private static (DateOnly Start, double Before, double First) FirstBatch(ForecastFacts facts)
    {
        var passed = (facts.Now - facts.SendAt).TotalDays;
        passed = facts.Now < facts.SendAt ? passed - 1 : passed;
        return facts.SentToday ? (facts.Today.AddDays(1), 1 - passed, 1) : passed < 0 ? (facts.Today, -passed, 1) : (facts.Today, 0, 1 - passed);
    }

    private void Begin(ForecastDraws draws)
    {
        Array.Clear(_open);
        Array.Clear(_again);
        _cohorts.Clear();
        (_waiting, _returned, _members, _outstanding, _seatsShort) = (_facts.Waiting, 0, _facts.Members, 0, false);
        (_stage, _sent, _last) = (_facts.Stage, _facts.Batches.Count, _facts.Batches.Count == 0 ? int.MinValue : _facts.Batches[^1].Day.DayNumber - _start.DayNumber);
        (Steps, EmptyAt, Reason) = (0, -1, StillWaiting.Nobody);
        foreach (var open in _facts.Open)
        {
            var at = Math.Max(0, Index(open.Day.DayNumber - _start.DayNumber));
            _open[at] += open.Count;
            _again[at] += open.Again;
            _outstanding += open.Count;
        }

        foreach (var batch in _facts.Batches)
        {
            _cohorts.Add(new(batch.Day.DayNumber - _start.DayNumber, batch.Invited, [.. Conditions().Select(c => batch.RegisteredByAge.Take(c.AfterDays).Sum())]));
        }

        (_join, _other) = (_joins.Draw(draws), _others.Draw(draws));
        _conversion.Draw(draws, _shares);
    }

    private int Index(int step) => step + _life + 1;

    private List<ConversionCondition> Conditions() => [.. _facts.Stages[_stage].Gate.OfType<ConversionCondition>()];

    private long Batch(int step)
    {
        while (true)
        {
            var stage = _facts.Stages[_stage];
            var isLast = _stage + 1 == _facts.Stages.Count;
            if (stage.Batches is { } batches ? _sent < batches : isLast || _waiting > 0 || _sent == 0)
            {
                break;
            }

            if (_last != int.MinValue && step - _last <= stage.SoakDays)
            {
                return 0;
            }

            if (!Passes(step))
            {
                Reason = StillWaiting.Gate;
                return 0;
            }

            Reason = StillWaiting.Nobody;
            if (isLast)
            {
                Reason = StillWaiting.PlanEnds;
                return 0;
            }

            (_stage, _sent, _last) = (_stage + 1, 0, int.MinValue);
            _cohorts.Clear();
        }

        return _sends[step % 7] && _waiting > 0 ? Send(step) : 0;
    }

    private long Send(int step)
    {
        var wanted = Math.Min(_facts.Stages[_stage].BatchSize, _waiting);
        var people = Math.Max(0, Math.Min(wanted, (_facts.Capacity - _members - _outstanding) ?? long.MaxValue));
        _seatsShort = people < wanted;
        if (people == 0)
        {
            return 0;
        }

        var again = Math.Min(_returned, people);
        var at = Index(step);
        (_open[at], _again[at]) = (_open[at] + people, _again[at] + again);
        (_returned, _waiting, _outstanding, _sent, _last) = (_returned - again, _waiting - people, _outstanding + people, _sent + 1, step);
        if (_facts.Stages[_stage].Gate.Count > 0 && Conditions() is { Count: > 0 } conditions)
        {
            _cohorts.Add(new(step, people, new long[conditions.Count]));
        }

        return people;
    }

    /// <summary>What happens after the batch of a step until the next: all of a day, or a part of it.</summary>
    private void Live(int step, double part, ForecastDraws draws, ref long net, ref long newcomers)
    {
        for (var at = Math.Max(0, Index(step - _life - 1)); at <= Index(step - _life); at++)
        {
            if (_open[at] > 0)
            {
                var back = _open[at] - _again[at];
                (_outstanding, _waiting, _returned, net) = (_outstanding - _open[at], _waiting + back, _returned + back, net - back);
                (_open[at], _again[at]) = (0, 0);
            }
        }

        for (var age = 0; age < _life; age++)
        {
            var at = Index(step - age);
            var day = at < 0 ? 0 : _open[at];
            if (day == 0)
            {
                continue;
            }

            var used = draws.Binomial(day, part >= 1 ? _shares[age] : 1 - Math.Pow(1 - _shares[age], part));
            _again[at] -= (long)Math.Round((double)_again[at] * used / day);
            (_open[at], _outstanding, _members) = (day - used, _outstanding - used, _members + used);
            Count(step - age, age, used);
        }

        var joined = draws.Spread(_join.Mean * part, _join.Spread);
        (_waiting, newcomers) = (_waiting + joined, newcomers + joined);
        _members += draws.Spread(_other.Mean * part, _other.Spread);
    }

    private void Count(int invitedOn, int age, long used)
    {
        if (used == 0 || _cohorts.Count == 0)
        {
            return;
        }

        var conditions = _facts.Stages[_stage].Gate;
        for (var i = _cohorts.Count - 1; i >= 0; i--)
        {
            if (_cohorts[i].Day == invitedOn)
            {
                var which = 0;
                foreach (var condition in conditions)
                {
                    if (condition is ConversionCondition within)
                    {
                        _cohorts[i].Within[which++] += age < within.AfterDays ? used : 0;
                    }
                }

                return;
            }
        }
    }

    // Shares that nobody can foresee, such as signals and retention, are taken to pass.
    private bool Passes(int step)
    {
        var which = 0;
        foreach (var condition in _facts.Stages[_stage].Gate)
        {
            if (condition is not ConversionCondition within)
            {
                continue;
            }

            long invited = 0, registered = 0;
            foreach (var cohort in _cohorts)
            {
                if (cohort.Day <= step - within.AfterDays)
                {
                    (invited, registered) = (invited + cohort.Invited, registered + cohort.Within[which]);
                }
            }

            if (invited < Math.Max(1, within.MinimumSample) || registered < within.AtLeast * invited)
            {
                return false;
            }

            which++;
        }

        return true;
    }

    private sealed class GateCohort(int day, long invited, long[] within)
    {
        public int Day => day;

        public long Invited => invited;

        /// <summary>By condition: registered within its days.</summary>
        public long[] Within => within;
    }
}
