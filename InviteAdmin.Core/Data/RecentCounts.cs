using System.Collections.Concurrent;

namespace InviteAdmin.Data;

/// <summary>
/// Keeps what was just counted for as long as counting it takes ten times over, one to five seconds, so that many open pages of a
/// million rows share one count. For the eye only: no rule rests on it.
/// </summary>
public sealed class RecentCounts(TimeProvider time)
{
    private const int MostKept = 200;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<object, (long Until, object Value)> _kept = new();

    /// <param name="what">Equal for what is counted alike.</param>
    public async Task<T> Of<T>(object what, Func<Task<T>> count)
        where T : notnull
    {
        if (_kept.TryGetValue(what, out var known) && time.GetTimestamp() < known.Until)
        {
            return (T)known.Value;
        }

        var began = time.GetTimestamp();
        var value = await count();
        var keep = TimeSpan.FromTicks(Math.Clamp(time.GetElapsedTime(began).Ticks * 10, Least.Ticks, Most.Ticks));
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        _kept[what] = (time.GetTimestamp() + (long)(keep.TotalSeconds * time.TimestampFrequency), value);
        return value;
    }
}
