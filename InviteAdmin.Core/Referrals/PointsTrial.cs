using InviteAdmin.Rollout;

namespace InviteAdmin.Referrals;

/// <summary>Points that are tried. <c>SourcePoints</c> are by the sources' ids; those that are not named give what they give.</summary>
public sealed record PointsProposal(int ArrivedPoints, int BroughtPoints, IReadOnlyDictionary<long, int>? SourcePoints = null)
{
    internal PointValues Values => new(ArrivedPoints, BroughtPoints);
}

/// <summary>Somebody among the next people, as it is or as it would be.</summary>
/// <param name="RankNow">Null past <see cref="TryPoints.Seen"/>, and so is <paramref name="RankThen"/>.</param>
/// <param name="Changes">Whether this person is not on the other list.</param>
/// <param name="Why">In one sentence, what moves them or what they are passed by.</param>
public sealed record TriedPerson(string EntryId, string Name, long? RankNow, long? RankThen, int PointsNow, int PointsThen, bool Changes, string Why);

/// <summary>A part of the list by rank, and how many would come into it from another part.</summary>
/// <param name="To">The last rank of it; null for all that follow.</param>
public sealed record RankGroup(long From, long? To, long Entering);

/// <summary>What would follow if everybody were counted again by other points, beside how it is.</summary>
/// <param name="Now">The next people who would be invited, in order.</param>
/// <param name="Then">The same by the points that are tried.</param>
/// <param name="Course">Where the plan in force leads. Points decide who comes first and not how many are invited, so that its dates and its load are those of both.</param>
public sealed record PointsTrial(IReadOnlyList<TriedPerson> Now, IReadOnlyList<TriedPerson> Then, IReadOnlyList<RankGroup> Groups, PlanCourse Course)
{
    /// <summary>People who would stand in another part of the list.</summary>
    public long Moving => Groups.Sum(g => g.Entering);
}
