using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>Why somebody stands where they stand, in one sentence made of ledger facts.</summary>
public static class RankReason
{
    /// <summary>What staff gave an entry aliased e, less what they took or took back.</summary>
    internal const string StaffPoints = "(SELECT coalesce(sum(l.points), 0) FROM points_ledger l WHERE l.entry_id = e.id AND l.kind IN ('staff', 'reversal'))";

    /// <summary>What counting again by new rules gave an entry aliased e, or took.</summary>
    internal const string RulesPoints = "(SELECT coalesce(sum(l.points), 0) FROM points_ledger l WHERE l.entry_id = e.id AND l.kind = 'rules')";

    /// <param name="brought">People who followed their link and confirmed.</param>
    /// <param name="staff">Points given by staff; below zero when more were taken.</param>
    /// <param name="rules">What counting again by new rules added; below zero for what it took.</param>
    public static string Sentence(int points, long brought, bool arrivedByLink, string? source, long staff = 0, long rules = 0)
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

        if (staff != 0 && causes.Count > 0)
        {
            causes.Add(staff > 0 ? string.Create(CultureInfo.InvariantCulture, $"got {staff:N0} from staff") : string.Create(CultureInfo.InvariantCulture, $"lost {-staff:N0} by staff"));
        }

        if (rules != 0 && causes.Count > 0)
        {
            causes.Add(string.Create(CultureInfo.InvariantCulture, $"counted again by new rules: {(rules > 0 ? "+" : "−")}{Math.Abs(rules):N0}"));
        }

        var why = causes.Count == 0 ? "given by staff" : string.Join(", ", causes);
        return string.Create(CultureInfo.InvariantCulture, $"{points:N0} points: {why}.");
    }
}
