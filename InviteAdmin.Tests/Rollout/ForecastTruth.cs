using InviteAdmin.Rollout;

namespace InviteAdmin.Tests.Rollout;

/// <summary>
/// Launches whose course is known, to hold forecasts against: person by person and day by day from rates that only the launch knows, by rules written down here a second time.
/// At a random day the facts a forecast may see are noted; then the launch runs on.
/// </summary>
internal sealed class ForecastTruth
{
    private static readonly DateOnly Begin = new(2027, 1, 4);
    private static readonly int[] PointsOf = [20, 10, 0];
    private readonly Random _random;
    private readonly LinkedList<Person>[] _queue = [new(), new(), new()];
    private readonly List<Cohort> _cohorts = [];
    private readonly List<long> _joins = [], _others = [];
    private readonly List<int> _newest = [];
    private readonly List<Stage> _stages = [];
    private readonly string[] _days;
    private readonly double _rate, _lumps, _conversion, _delay, _otherRate;
    private readonly double[] _levels;
    private readonly int _life, _planDay, _forecastDay;
    private readonly int? _capacity;
    private int _stage, _sent, _members;
    private int? _last;

    private ForecastTruth(int seed)
    {
        _random = new Random(seed);
        _rate = Math.Exp(Between(Math.Log(4), Math.Log(150)));
        _lumps = _random.Next(2, 25);
        _conversion = Between(0.15, 0.85);
        _delay = Between(0.15, 0.7);
        _life = _random.Next(4, 15);
        _levels = [Between(0, 0.25), Between(0, 0.45)];
        _otherRate = _random.Next(2) == 0 ? 0 : _rate * Between(0, 0.3);
        var waiting = (int)(_rate * Between(20, 200));
        for (var i = 0; i < waiting; i++) _queue[Level()].AddLast(new Person());
        _planDay = _random.Next(4, 50);
        _days = _random.Next(3) switch { 0 => ["mon", "tue", "wed", "thu", "fri"], 1 => ["mon", "wed", "fri"], _ => ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] };
        var takes = Between(40, 300);
        var size = ((_rate * (2 - _conversion)) + (waiting * (2 - _conversion) / takes)) * 7 / _days.Length;
        var gated = _random.Next(3) == 0;
        for (var left = _random.Next(3); left > 0; left--)
        {
            GateCondition[] gate = gated ? [new ConversionCondition(Between(0.3, 0.8) * _conversion, 20, _random.Next(2, _life))] : [];
            _stages.Add(new($"Stage {_stages.Count + 1}", (int)Math.Ceiling(size * Between(0.1, 0.6)), _random.Next(1, 6), _random.Next(5), "auto", gate));
        }

        _stages.Add(new("Everyone", (int)Math.Ceiling(size), null, 0, "auto", []));
        var all = (waiting + (_rate * (_planDay + takes))) * (1 - ((1 - _conversion) * (1 - _conversion)));
        _capacity = _random.Next(3) == 0 ? (int)((all + (_otherRate * (_planDay + takes))) * Between(0.9, 2)) : null;
        _forecastDay = _planDay + (int)(takes * Between(0, 0.7));
    }

    public ForecastFacts Facts { get; private set; } = null!;

    public long Rank { get; private set; }

    /// <summary>What came true; null when it did not within two years.</summary>
    public DateOnly? EmptyOn { get; private set; }

    public DateOnly? RankInvitedOn { get; private set; }

    /// <summary>A launch of which somebody waits when the forecast is made; others are passed over.</summary>
    public static ForecastTruth? Of(int seed)
    {
        var launch = new ForecastTruth(seed);
        return launch.Run() ? launch : null;
    }

    private int Waiting => _queue.Sum(q => q.Count);

    private int Open => _cohorts.Sum(c => c.Open.Count);

    private bool Run()
    {
        Person? followed = null;
        for (var day = 0; day < _forecastDay + 730; day++)
        {
            var sent = day >= _planDay && Batch(day);
            if (day == _forecastDay)
            {
                if (Waiting == 0) return false;
                Facts = Note(day, sent);
                Rank = _random.Next((Waiting / 2) + 1, Waiting + 1);
                followed = _queue.SelectMany(q => q).ElementAt((int)Rank - 1);
            }
            else if (day > _forecastDay)
            {
                RankInvitedOn ??= followed!.InvitedOn is { } on ? Begin.AddDays(on) : null;
                if (Waiting == 0)
                {
                    EmptyOn = Begin.AddDays(day);
                    return true;
                }
            }

            Live(day);
        }

        return true;
    }

    private bool Batch(int day)
    {
        while (_stages[_stage].Batches is { } batches && _sent >= batches)
        {
            if (day - _last!.Value <= _stages[_stage].SoakDays || !GateOpens(day)) return false;
            (_stage, _sent, _last) = (_stage + 1, 0, null);
        }

        var name = Begin.AddDays(day).ToString("ddd", System.Globalization.CultureInfo.InvariantCulture).ToLowerInvariant();
        var people = Math.Min(Math.Min(_stages[_stage].BatchSize, Waiting), (_capacity ?? int.MaxValue) - (_capacity is null ? 0 : _members + Open));
        if (!_days.Contains(name) || people <= 0) return false;
        var cohort = new Cohort(day, _stage, people);
        for (var i = 0; i < people; i++)
        {
            var level = _queue.First(q => q.Count > 0);
            var person = level.First!.Value;
            level.RemoveFirst();
            person.InvitedOn ??= day;
            cohort.Open.Add((person, Array.IndexOf(_queue, level), UsedAfter()));
        }

        _cohorts.Add(cohort);
        (_sent, _last) = (_sent + 1, day);
        return true;
    }

    private bool GateOpens(int day)
    {
        foreach (var condition in _stages[_stage].Gate.Cast<ConversionCondition>())
        {
            var old = _cohorts.Where(c => c.Stage == _stage && c.Day + condition.AfterDays <= day).ToList();
            if (old.Sum(c => c.Invited) < condition.MinimumSample || old.Sum(c => c.Used.Take(condition.AfterDays).Sum()) < condition.AtLeast * old.Sum(c => c.Invited)) return false;
        }

        return true;
    }

    private void Live(int day)
    {
        foreach (var cohort in _cohorts.Where(c => c.Open.Count > 0))
        {
            var age = day - cohort.Day;
            if (age >= _life)
            {
                foreach (var (person, level, _) in Enumerable.Reverse(cohort.Open))
                {
                    if (person.Lapses++ == 0) _queue[level].AddFirst(person);
                }

                cohort.Open.Clear();
                continue;
            }

            var used = cohort.Open.RemoveAll(o => o.UsedAfter == age);
            cohort.Used.Add(used);
            _members += used;
        }

        var joined = People(_rate);
        for (var i = 0; i < joined; i++)
        {
            var level = Level();
            _queue[level].AddLast(new Person());
            _newest.Add(PointsOf[level]);
        }

        _joins.Add(joined);
        _others.Add(People(_otherRate));
        _members += (int)_others[^1];
    }

    private ForecastFacts Note(int day, bool sent) => new()
    {
        Today = Begin.AddDays(day), Now = new(9, 0), SendAt = new(9, 0), SentToday = sent, Days = _days, State = "running",
        Stages = _stages, Stage = _stage, Waiting = Waiting, Capacity = _capacity, Members = _members, LifetimeDays = _life, Joins = [.. _joins.TakeLast(56)], OtherMembers = [.. _others.TakeLast(56)],
        Batches = [.. _cohorts.Where(c => c.Stage == _stage).Select(c => new SentBatch(Begin.AddDays(c.Day), c.Invited, [.. c.Used.Select(u => (long)u)]))],
        Open = [.. _cohorts.Where(c => c.Open.Count > 0).Select(c => new OpenInvitations(Begin.AddDays(c.Day), c.Open.Count, c.Open.Count(o => o.Person.Lapses > 0)))],
        Conversion = [.. Enumerable.Range(0, _life).Select(age => new AgeCount(
            _cohorts.Where(c => c.Day + age < day).Sum(c => c.Invited - c.Used.Take(age).Sum()), _cohorts.Where(c => c.Day + age < day).Sum(c => c.Used.ElementAtOrDefault(age))))],
        Overtaking = Overtaking.Of(_queue.Select((q, level) => (PointsOf[level], (long)q.Count)).Where(l => l.Item2 > 0), [.. _newest.TakeLast(2_000).GroupBy(p => p).Select(g => (g.Key, (int?)null, (long)g.Count()))], 5),
    };

    private int Level()
    {
        var u = _random.NextDouble();
        return u < _levels[0] ? 0 : u < _levels[0] + _levels[1] ? 1 : 2;
    }

    /// <summary>Whole days until the invitation is used; later than its life for those who never do.</summary>
    private int UsedAfter() => _random.NextDouble() >= _conversion ? int.MaxValue : (int)(Math.Log(1 - (_random.NextDouble() * (1 - Math.Pow(1 - _delay, _life)))) / Math.Log(1 - _delay));

    // A day's mood is gamma with mean one, a sum of so many exponentials; arrivals within it are one by one.
    private int People(double rate)
    {
        var mood = 0.0;
        for (var i = 0; i < _lumps; i++) mood -= Math.Log(1 - _random.NextDouble()) / _lumps;
        var (people, clock) = (0, -Math.Log(1 - _random.NextDouble()));
        for (; clock < rate * mood; people++) clock -= Math.Log(1 - _random.NextDouble());
        return people;
    }

    private double Between(double low, double high) => low + (_random.NextDouble() * (high - low));

    private sealed class Person
    {
        public int? InvitedOn { get; set; }

        public int Lapses { get; set; }
    }

    private sealed class Cohort(int day, int stage, int invited)
    {
        public int Day => day;

        public int Stage => stage;

        public int Invited => invited;

        public List<(Person Person, int Level, int UsedAfter)> Open { get; } = [];

        /// <summary>By day since the invitation.</summary>
        public List<int> Used { get; } = [];
    }
}
