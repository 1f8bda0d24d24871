namespace InviteAdmin.Results;

/// <summary>An expected refusal: the slug is its problem type at the API, the detail the sentence a person reads.</summary>
public abstract record Failure(string Slug, string Detail);

/// <summary>Bad input; one sentence per field, keyed by the field's name in the HTTP contract.</summary>
public sealed record Invalid(IReadOnlyDictionary<string, string> Fields)
    : Failure("validation", string.Join(" ", Fields.Values))
{
    public Invalid(string field, string sentence) : this(new Dictionary<string, string> { [field] = sentence }) { }
}

/// <summary>The actor's role or key does not carry the permission.</summary>
public sealed record NotAllowed(string Needs) : Failure("not-allowed", $"This needs {Needs}.");

/// <summary>The thing named does not exist.</summary>
public sealed record NotFound(string What) : Failure("not-found", $"There is no such {What}.");
