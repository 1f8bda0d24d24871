using System.Diagnostics.CodeAnalysis;

namespace InviteAdmin.Results;

/// <summary>What a use case answers: a value, or the named reason there is none.</summary>
public sealed class Outcome<T>
{
    private Outcome(T? value, Failure? failure) => (Value, Failure) = (value, failure);

    public T? Value { get; }

    public Failure? Failure { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <summary>The value of an outcome that must have one. Throws when it is a failure.</summary>
    public T Must() => Succeeded ? Value : throw new InvalidOperationException($"{Failure.Slug}: {Failure.Detail}");

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Failure failure) => new(default, failure);
}
