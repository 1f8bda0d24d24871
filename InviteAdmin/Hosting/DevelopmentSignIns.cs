namespace InviteAdmin.Hosting;

/// <summary>Section <c>Staff</c>: the sign-ins that Development creates, one for each role.</summary>
public sealed class StaffSettings
{
    public IReadOnlyList<DevelopmentSignIn> Development { get; init; } = [];

    public static IEnumerable<string> Problems(StaffSettings staff, IHostEnvironment environment)
    {
        if (!environment.IsDevelopment() && staff.Development.Count > 0)
            yield return "Staff:Development holds passwords that are for Development alone: remove it and use `InviteAdmin staff create`.";
        for (var i = 0; i < staff.Development.Count; i++)
        {
            var (email, password, role) = staff.Development[i];
            if (!email.Contains('@')) yield return $"Staff:Development:{i}:Email must be an email address.";
            if (password.Length < 12) yield return $"Staff:Development:{i}:Password must have 12 characters or more.";
            if (role.Length == 0) yield return $"Staff:Development:{i}:Role must name one of Owner, Growth, Support, Developer, Viewer.";
        }
    }
}

/// <summary>One sign-in of <c>Staff:Development</c>.</summary>
public sealed record DevelopmentSignIn(string Email = "", string Password = "", string Role = "");

/// <summary>Section <c>Api</c>.</summary>
public sealed class ApiSettings
{
    private const int ShortestKey = 24;

    /// <summary>A key with all scopes that only Development accepts.</summary>
    public string DevelopmentKey { get; init; } = "";

    public static IEnumerable<string> Problems(ApiSettings api, IHostEnvironment environment)
    {
        if (api.DevelopmentKey.Length == 0) yield break;
        if (!environment.IsDevelopment()) yield return "Api:DevelopmentKey is for Development alone: remove it and use `InviteAdmin keys create`.";
        if (api.DevelopmentKey.Length < ShortestKey) yield return $"Api:DevelopmentKey must have {ShortestKey} characters or more.";
    }
}
