using System.Text.Json;
using InviteAdmin.Data;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>Days that codes live, and days before its end that an invitation is reminded of.</summary>
public sealed record Lifetimes(int InvitationDays, int ReminderDays, int PersonalDays, int VipDays);

/// <summary>
/// The lifetimes in force. What the configuration sets wins and cannot be changed by hand; otherwise what staff saved counts, otherwise
/// the default. Whoever makes a code asks here; the answer is kept for two seconds, so that a change holds in all processes within them.
/// </summary>
public sealed class LifetimeRules(IConfiguration configuration, IOptions<InvitesOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);
    private Known? _known;

    /// <summary>The name of the setting that decides a value, as an environment variable is called; null when nothing does.</summary>
    public string? SetBy(string name) => configuration[$"Invites:{name}"] is null ? null : $"Invites__{name}";

    /// <summary>On the caller's connection, so that a use case needs no second one.</summary>
    public async ValueTask<Lifetimes> Now(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (Volatile.Read(ref _known) is { } known && time.GetElapsedTime(known.At) < Kept)
        {
            return known.Value;
        }

        var at = time.GetTimestamp();
        var value = Of(await connection.Scalar<string>("SELECT saved::text FROM settings WHERE section = 'lifetimes'", cancel));
        Volatile.Write(ref _known, new(value, at));
        return value;
    }

    /// <summary>After a change in this process: the next who asks reads it.</summary>
    internal void Forget() => Volatile.Write(ref _known, null);

    /// <param name="saved">JSON with the values that staff saved, by the names of <see cref="Lifetimes"/>.</param>
    internal Lifetimes Of(string? saved)
    {
        var values = saved is null ? [] : JsonSerializer.Deserialize<Dictionary<string, int>>(saved) ?? [];
        var given = options.Value;
        return new(
            Value(nameof(Lifetimes.InvitationDays), given.InvitationDays), Value(nameof(Lifetimes.ReminderDays), given.ReminderDays),
            Value(nameof(Lifetimes.PersonalDays), given.PersonalDays), Value(nameof(Lifetimes.VipDays), given.VipDays));

        int Value(string name, int configured) => SetBy(name) is null && values.TryGetValue(name, out var days) ? days : configured;
    }

    private sealed record Known(Lifetimes Value, long At);
}
