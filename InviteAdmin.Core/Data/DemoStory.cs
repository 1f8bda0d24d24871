using InviteAdmin.Access;
using InviteAdmin.Invites;

namespace InviteAdmin.Data;

/// <summary>
/// The demo launch as it would have happened: people join over two weeks, bring each other, are released in twelve daily
/// cohorts, sign up or let it lapse. A simulation in the order of time, by the product's own rules, so that every invariant
/// holds; the same seed and day give the same story.
/// </summary>
internal sealed partial class DemoStory
{
    public const int People = 10_000;
    public const int Cohorts = 12;
    public const int CohortSize = 100;
    public const int StarReferrals = 47;
    private const int Star = 7;
    private readonly Random _random = new(20_260);
    private readonly PriorityQueue<Action, (DateTimeOffset At, int Order)> _events = new();
    private readonly DateTimeOffset _now;
    private readonly (int Arrived, int Brought) _points;
    private int _order;
    private DateTimeOffset _clock;

    private DemoStory(DateTimeOffset now, (int Arrived, int Brought) points) => (_now, _points) = (now, points);

    public List<Person> Entries { get; } = [];

    public List<DemoMember> Members { get; } = [];

    public List<DemoCode> Codes { get; } = [];

    public List<DemoCohort> Released { get; } = [];

    public List<(Person Entry, string Kind, string Cause, Person? CausedBy, int Points, DateTimeOffset At)> Ledger { get; } = [];

    public List<(DemoMember Member, int? Threshold, int Codes, string? Tier, DateTimeOffset At)> Grants { get; } = [];

    public List<DemoMail> Mails { get; } = [];

    public static DemoStory Tell(DateTimeOffset now, (int Arrived, int Brought) points)
    {
        var story = new DemoStory(now, points);
        story.PlanJoins();
        story.PlanCohorts();
        story.PlanSpecialCodes();
        while (story._events.TryDequeue(out var happens, out var when) && when.At <= now)
        {
            story._clock = when.At;
            happens();
        }

        story.PutAside();
        return story;
    }

    private void At(DateTimeOffset at, Action happens) => _events.Enqueue(happens, (at, _order++));

    private void PlanJoins()
    {
        // Growth with better and worse days; within a day, fewer people at night.
        double[] days = [.. Enumerable.Range(0, 14).Select(d => (5 + (0.75 * d)) * (0.78 + (0.44 * _random.NextDouble())))];
        var (start, people, total) = (_now.AddDays(-14), 0, days.Sum());
        for (var day = 0; day < days.Length; day++)
        {
            var joins = day == days.Length - 1 ? People - people : (int)(People * days[day] / total);
            people += joins;
            for (var i = 0; i < joins; i++)
            {
                var hour = (_random.NextDouble() + _random.NextDouble() + _random.NextDouble()) * 8;
                At(start.AddDays(day).AddHours(hour), Join);
            }
        }
    }

    private void PlanCohorts()
    {
        var send = _now.Date.AddHours(9);
        var last = _now.UtcDateTime >= send.AddMinutes(5) ? send : send.AddDays(-1);
        for (var i = 0; i < Cohorts; i++)
        {
            var at = new DateTimeOffset(last.AddDays(i + 1 - Cohorts), TimeSpan.Zero);
            At(at, () => Release(DateOnly.FromDateTime(at.UtcDateTime)));
        }
    }

    private void PlanSpecialCodes()
    {
        At(_now.AddDays(-10), () =>
        {
            for (var i = 0; i < 40; i++)
            {
                var code = NewCode(CodeKind.Campaign, _now.AddDays(20), maxUses: 5, prefix: "HUNT");
                for (var use = _random.Next(0, 5); use > 0; use--)
                {
                    At(_clock.AddHours(_random.NextDouble() * 220), () => SignUp(code, null));
                }
            }
        });
        At(_now.AddDays(-9), () =>
        {
            for (var i = 0; i < 6; i++)
            {
                var code = NewCode(CodeKind.Vip, _now.AddDays(21), tier: "vip");
                code.PersonName = DemoNames.Name(i * 37);
                if (i < 4)
                {
                    At(_clock.AddHours(4 + (i * 20)), () => SignUp(code, null));
                }
            }
        });
    }

    private void Join()
    {
        var roll = _random.NextDouble();
        var number = Entries.Count;
        var referrer = roll < 0.13 && number > 50 ? Entries[(int)(Entries.Count * Math.Pow(_random.NextDouble(), 2.2))] : null;
        var person = new Person(number, DemoNames.Name(number), DemoNames.Mailbox(number), _clock) { Referrer = referrer, Source = referrer is not null ? null : roll < 0.25 ? "Twitter" : roll < 0.285 ? "Product Hunt" : null };
        Entries.Add(person);
        Mails.Add(new DemoMail("confirm", person, null, null, _clock));
        if (_random.NextDouble() < 0.93)
        {
            At(_clock.AddMinutes(1 + (_random.NextDouble() * 90)), () => Confirm(person));
        }
    }

    private void Confirm(Person person)
    {
        person.ConfirmedAt = _clock;
        person.Status = "waiting";
        Mails.Add(new DemoMail("welcome", person, null, null, _clock));
        if (person.Source is { } source)
        {
            Credit(person, "source", $"source:{source}", null, source == "Twitter" ? 5 : 20);
        }

        if (person.Referrer is { } referrer)
        {
            Credit(person, "arrived", "entry", referrer, _points.Arrived);
            Credit(referrer, "brought", "entry", person, _points.Brought);
        }
    }

    private void Credit(Person person, string kind, string cause, Person? by, int points)
    {
        if (points != 0)
        {
            person.Points += points;
            Ledger.Add((person, kind, cause, by, points, _clock));
        }
    }

    private void Release(DateOnly date)
    {
        var ranked = Entries.Where(e => e.Status == "waiting").OrderByDescending(e => e.Points).ThenBy(e => e.Number).ToList();
        var picked = ranked.Take(CohortSize).ToList();
        if (Released.Count == 0 && !picked.Contains(Entries[Star]) && Entries[Star].Status == "waiting")
        {
            picked[^1] = Entries[Star];
        }

        var cohort = new DemoCohort(Released.Count + 1, date, _clock);
        Released.Add(cohort);
        foreach (var person in picked)
        {
            cohort.People.Add((person, ranked.IndexOf(person) + 1, person.Points));
            var code = NewCode(CodeKind.Waitlist, _clock.AddDays(7).AddMinutes(1));
            (code.Cohort, code.Entry) = (cohort, person);
            (person.Status, person.InvitedAt, person.Cohort) = ("invited", _clock, cohort);
            Mails.Add(new DemoMail("invitation", person, null, code, _clock.AddMinutes(1)));
            var converts = person.Number == Star ? 1 : person.Referrer is not null ? 0.86 : person.Source switch { "Twitter" => 0.49, "Product Hunt" => 0.63, _ => 0.79 };
            if (_random.NextDouble() < converts)
            {
                At(_clock.AddHours(Math.Min(166, -14 * Math.Log(1 - _random.NextDouble()) + 0.3)), () => SignUp(code, person));
            }
            else
            {
                At(code.ExpiresAt!.Value, () => Lapse(code, person));
            }
        }
    }

    private void Lapse(DemoCode code, Person person)
    {
        if (person.Status != "invited" || code.Used > 0)
        {
            return;
        }

        code.LapsedAt = _clock;
        person.Lapses++;
        person.Status = person.Lapses == 1 ? "waiting" : "declined";
        if (person.Lapses == 1)
        {
            Mails.Add(new DemoMail("lapsed", person, null, null, _clock));
        }
        else
        {
            person.DeclinedAt = _clock;
        }
    }

    // A few people nobody may invite, and a few codes taken back.
    private void PutAside()
    {
        _clock = _now;
        var waiting = Entries.Where(e => e.Status == "waiting").ToList();
        foreach (var (person, hold, reason) in (IEnumerable<(Person, string, string)>)[(waiting[40], "excluded", "Asked to wait for the mobile version."), (waiting[90], "excluded", "Works for a competitor."),
            (waiting[150], "suppressed", "Mail to this address bounced."), (waiting[800], "suppressed", "Unsubscribed.")])
        {
            (person.Hold, person.HoldReason) = (hold, reason);
        }

        foreach (var code in Codes.Where(c => c.Kind == CodeKind.Personal && c.Used == 0).Where((_, i) => i % 400 == 7).Take(5))
        {
            (code.RevokedAt, code.RevokedReason) = (_now.AddHours(-3), "Posted in a public channel.");
        }
    }

    private DemoCode Personal(DemoMember owner)
    {
        var code = NewCode(CodeKind.Personal, _clock.AddDays(30));
        code.Owner = owner;
        return code;
    }

    private DemoCode NewCode(CodeKind kind, DateTimeOffset? expires, int maxUses = 1, string? tier = null, string? prefix = null)
    {
        var symbols = new string(_random.GetItems<char>(Tokens.Alphabet, CodeText.Symbols));
        var code = new DemoCode(kind, prefix is null ? CodeText.Show(symbols) : $"{prefix}-{CodeText.Show(symbols)}", maxUses, tier, expires, _clock);
        Codes.Add(code);
        return code;
    }
}
