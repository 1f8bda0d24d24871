namespace InviteAdmin.Data;

/// <summary>
/// A queue in which one busy key cannot hold up the others: keys take turns, and a key that was taken rests until it is
/// released. Not safe for several threads; its owner locks.
/// </summary>
internal sealed class FairQueue<T>
{
    private readonly Dictionary<string, Queue<T>> _items = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>How many items wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them can be taken now, because their keys are not.</summary>
    public int Ready { get; private set; }

    public void Add(string key, T item)
    {
        Count++;
        Ready += _taken.Contains(key) ? 0 : 1;
        if (_items.TryGetValue(key, out var line))
        {
            line.Enqueue(item);
            return;
        }

        _items[key] = new Queue<T>([item]);
        if (!_taken.Contains(key))
        {
            _turns.Enqueue(key);
        }
    }

    /// <summary>Up to <paramref name="most"/> items, one of each key first, then a second of each and so on; their keys are taken until released.</summary>
    public List<(string Key, T Item)> Take(int most)
    {
        var batch = new List<(string, T)>(Math.Min(most, Count));
        var keys = new Queue<string>();
        while (batch.Count < most && _turns.TryDequeue(out var key))
        {
            _taken.Add(key);
            keys.Enqueue(key);
            batch.Add((key, Next(key)));
        }

        while (batch.Count < most && keys.TryDequeue(out var key))
        {
            if (_items.ContainsKey(key))
            {
                batch.Add((key, Next(key)));
                keys.Enqueue(key);
            }
        }

        // What is left of these keys rests.
        Ready -= keys.Sum(key => _items.TryGetValue(key, out var line) ? line.Count : 0);
        return batch;
    }

    /// <summary>Lets the keys of a batch be taken again.</summary>
    public void Release(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (_taken.Remove(key) && _items.TryGetValue(key, out var line))
            {
                Ready += line.Count;
                _turns.Enqueue(key);
            }
        }
    }

    private T Next(string key)
    {
        var line = _items[key];
        var item = line.Dequeue();
        Count--;
        Ready--;
        if (line.Count == 0)
        {
            _items.Remove(key);
        }

        return item;
    }
}
