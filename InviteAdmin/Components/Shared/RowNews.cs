namespace InviteAdmin.Components.Shared;

/// <summary>What a list would show that it does not show yet, because rows do not move under somebody's cursor.</summary>
/// <param name="New">Rows that are not on the screen.</param>
/// <param name="IsMoved">The rows on the screen stand elsewhere now, or some have left.</param>
public sealed record RowNews(int New, bool IsMoved)
{
    public static readonly RowNews None = new(0, false);

    public bool Any => New > 0 || IsMoved;

    /// <summary>The rows on the screen with their values of now, in the places where they stand, and what else there is to show.</summary>
    /// <param name="shown">What the screen shows.</param>
    /// <param name="fresh">The same page of the list as it is now.</param>
    /// <param name="key">What makes a row the same row.</param>
    public static (IReadOnlyList<T> Rows, RowNews News) Hold<T>(IReadOnlyList<T> shown, IReadOnlyList<T> fresh, Func<T, object> key)
    {
        if (shown.Count == 0)
        {
            return (fresh, None);
        }

        var now = fresh.ToDictionary(key);
        var places = shown.Select(key).ToArray();
        var held = places.Select((place, i) => now.TryGetValue(place, out var row) ? row : shown[i]).ToArray();
        var news = fresh.Count(row => !places.Contains(key(row)));
        return (held, new RowNews(news, !places.SequenceEqual(fresh.Select(key))));
    }
}
