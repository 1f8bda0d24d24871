using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>Why somebody stands where they stand, in one sentence made of ledger facts.</summary>
public static class RankReason
{
    /// <param name="brought">People who followed their link and confirmed.</param>
    public static string Sentence(int points, long brought, bool arrivedByLink, string? source)
    {
        if (points == 0)
        {
            return "No points yet; by the time of joining.";
        }

        var causes = new List<string>(3);
        if (brought > 0)
        {
            causes.Add(brought == 1 ? "brought 1 person" : string.Create(CultureInfo.InvariantCulture, $"brought {brought:N0} people"));
        }

        if (arrivedByLink)
        {
            causes.Add("came through a friend's link");
        }

        if (source is not null)
        {
            causes.Add($"came from {source}");
        }

        var why = causes.Count == 0 ? "given by staff" : string.Join(", ", causes);
        return string.Create(CultureInfo.InvariantCulture, $"{points:N0} points: {why}.");
    }
}
