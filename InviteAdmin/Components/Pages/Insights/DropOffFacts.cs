using InviteAdmin.Insights;

namespace InviteAdmin.Components.Pages.Insights;

/// <summary>A page of people who stopped at a step.</summary>
public sealed record DropOffFacts(IReadOnlyList<DropOffRow> Rows, bool More);
