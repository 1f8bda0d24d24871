using InviteAdmin.Referrals;

namespace InviteAdmin.Components.Pages.Referrals;

/// <summary>Where one member of a drawing stands, in pixels.</summary>
public sealed record ChainPlace(ChainNode Node, double X, double Y);

/// <summary>
/// Places a chain on paper: everybody below whoever brought them, subtrees side by side without overlap, each parent over the middle of its own. Many who
/// brought nobody stand in a block instead of a row that nobody could see the end of.
/// </summary>
public sealed class ChainLayout
{
    /// <summary>Far enough apart to be pointed at (WCAG 2.5.8 asks for 24).</summary>
    private const double Gap = 26;
    private const double Level = 72;
    private const double Margin = 24;
    private const int LongestRow = 8;

    private readonly ILookup<int, int> _children;
    private readonly ChainPlace[] _places;

    public ChainLayout(IReadOnlyList<ChainNode> nodes)
    {
        _children = nodes.Select((node, i) => (node.Parent, i)).ToLookup(x => x.Parent, x => x.i);
        _places = [.. nodes.Select(n => new ChainPlace(n, 0, 0))];
        if (nodes.Count > 0)
        {
            Place(0, Margin, Margin);
        }

        Width = _places.Select(p => p.X).DefaultIfEmpty(0).Max() + Margin;
        Height = _places.Select(p => p.Y).DefaultIfEmpty(0).Max() + Margin;
    }

    public double Width { get; }

    public double Height { get; }

    public IReadOnlyList<ChainPlace> Places => _places;

    /// <summary>Who is drawn with a line to whom.</summary>
    public IEnumerable<(ChainPlace From, ChainPlace To)> Lines => _places.Where(p => p.Node.Parent >= 0).Select(p => (_places[p.Node.Parent], p));

    /// <summary>Places one member and everybody below from the left edge on; how wide they are.</summary>
    private double Place(int index, double left, double top)
    {
        var (branches, leaves) = (_children[index].Where(c => _children[c].Any()).ToArray(), _children[index].Where(c => !_children[c].Any()).ToArray());
        var x = left;
        foreach (var branch in branches)
        {
            x += Place(branch, x, top + Level);
        }

        var columns = leaves.Length <= LongestRow ? leaves.Length : (int)Math.Ceiling(Math.Sqrt(leaves.Length * 1.6));
        for (var i = 0; i < leaves.Length; i++)
        {
            Put(leaves[i], x + (Gap * ((i % columns) + 0.5)), top + Level + (Gap * (i / columns)));
        }

        var width = Math.Max(Gap, x + (columns * Gap) - left);
        Put(index, left + (width / 2), top);
        return width;
    }

    private void Put(int index, double x, double y) => _places[index] = _places[index] with { X = x, Y = y };
}
