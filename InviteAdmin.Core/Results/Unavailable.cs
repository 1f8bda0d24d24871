namespace InviteAdmin.Results;

/// <summary>The database did not answer. Whether the last step was still done is not known; every use case may be asked again.</summary>
public sealed record Unavailable() : Failure("unavailable", "The database does not answer at this moment. When it is back, look whether this was done before you do it again.");
