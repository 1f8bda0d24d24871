using InviteAdmin.Invites;

namespace InviteAdmin.Data;

internal sealed class Person(int number, string name, string email, DateTimeOffset joinedAt)
{
    public long Id { get; set; }

    public int Number => number;

    public string Name => name;

    public string Email => email;

    public DateTimeOffset JoinedAt => joinedAt;

    public string PublicId { get; set; } = "";

    public string StatusToken { get; set; } = "";

    public string ReferralToken { get; set; } = "";

    public string ConfirmToken { get; set; } = "";

    public Person? Referrer { get; init; }

    public string? Source { get; init; }

    public string Status { get; set; } = "unconfirmed";

    public int Points { get; set; }

    public int Lapses { get; set; }

    public string? Hold { get; set; }

    public string? HoldReason { get; set; }

    public DateTimeOffset? ConfirmedAt { get; set; }

    public DateTimeOffset? InvitedAt { get; set; }

    public DateTimeOffset? RegisteredAt { get; set; }

    public DateTimeOffset? DeclinedAt { get; set; }

    public DemoCohort? Cohort { get; set; }

    public DemoMember? Member { get; set; }
}

internal sealed class DemoMember(int number, string name, string email, DemoCode code, DateTimeOffset registeredAt)
{
    public long Id { get; set; }

    public int Number => number;

    public string Name => name;

    public string Email => email;

    public DemoCode Code => code;

    public DateTimeOffset RegisteredAt => registeredAt;

    public string PublicId { get; set; } = "";

    public Person? Entry { get; init; }

    public string Tier { get; set; } = "standard";

    public List<DemoCode> Codes { get; } = [];

    public int Brought { get; set; }

    public DemoMember? Referrer { get; set; }

    public DemoCode? ReferredBy { get; set; }

    public DateTimeOffset ReferredAt { get; set; }
}

internal sealed class DemoCode(CodeKind kind, string shown, int maxUses, string? tier, DateTimeOffset? expiresAt, DateTimeOffset createdAt)
{
    public long Id { get; set; }

    public CodeKind Kind => kind;

    public string Shown => shown;

    public int MaxUses => maxUses;

    public string? Tier => tier;

    public DateTimeOffset? ExpiresAt => expiresAt;

    public DateTimeOffset CreatedAt => createdAt;

    public int Used { get; set; }

    public DemoMember? Owner { get; set; }

    public DemoCohort? Cohort { get; set; }

    public Person? Entry { get; set; }

    public string? PersonName { get; set; }

    public DateTimeOffset? LapsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public string? RevokedReason { get; set; }
}

internal sealed class DemoCohort(int number, DateOnly date, DateTimeOffset at)
{
    public long Id { get; set; }

    public int Number => number;

    public DateOnly Date => date;

    public DateTimeOffset At => at;

    public string PublicId { get; set; } = "";

    public List<(Person Entry, int Rank, int Points)> People { get; } = [];
}

internal sealed record DemoMail(string Template, Person? Entry, DemoMember? Member, DemoCode? Code, DateTimeOffset At)
{
    public int Count { get; init; }

    public int NewInvites { get; init; }
}
