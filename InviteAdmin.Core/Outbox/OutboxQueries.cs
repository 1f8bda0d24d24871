using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Outbox;

/// <summary>Which items to list.</summary>
public sealed record OutboxFilter(string? State = null, string? Template = null, string? Recipient = null);

/// <summary>One item in the list.</summary>
public sealed record OutboxRow(long Id, string Kind, string Template, string? Recipient, string State, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset DueAt, DateTimeOffset? SentAt, string? LastError);

/// <summary>A page of the list; whether another follows is known without counting them all.</summary>
public sealed record OutboxRows(IReadOnlyList<OutboxRow> Rows, bool More);

/// <summary>One try.</summary>
public sealed record AttemptRow(DateTimeOffset At, string Outcome, string? Error, string Process, int Milliseconds);

/// <summary>One item with every try and the mail itself: as it was sent, or as it would be sent now. A message to the chat has its text as <c>Payload</c>.</summary>
public sealed record OutboxDetail(OutboxRow Row, IReadOnlyList<AttemptRow> Attempts, RenderedMail? Mail, bool AsSent, string Payload);

/// <summary>Reads of the outbox.</summary>
public sealed class OutboxQueries(IDbContextFactory<InviteAdminDb> databases, MailTemplates templates, UnsubscribeLinks unsubscribe, BrandRules brand, Links links)
{
    public static readonly IReadOnlyList<string> States = ["pending", "sent", "dead", "cancelled", "suppressed"];

    /// <summary>Newest first; <paramref name="before"/> is the last id of the page before.</summary>
    public async Task<OutboxRows> Page(OutboxFilter filter, long? before, int size, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var items = db.Outbox.AsNoTracking();
        if (filter.State is { } state)
        {
            items = items.Where(o => o.State == state);
        }

        if (filter.Template is { } template)
        {
            items = items.Where(o => o.Template == template);
        }

        if (filter.Recipient?.Trim().ToLowerInvariant() is { Length: > 0 } recipient)
        {
            // An address is looked up through the person it belongs to, whose mails have an index.
            items = items.Where(o => db.Entries.Any(e => e.Id == o.EntryId && e.Email == recipient) || db.Members.Any(m => m.Id == o.MemberId && m.Email == recipient));
        }

        if (before is { } last)
        {
            items = items.Where(o => o.Id < last);
        }

        var rows = await items.OrderByDescending(o => o.Id).Take(size + 1)
            .Select(o => new OutboxRow(o.Id, o.Kind, o.Template, o.Recipient, o.State, o.Attempts, o.CreatedAt, o.DueAt, o.SentAt, o.LastError)).ToListAsync(cancel);
        return new([.. rows.Take(size)], rows.Count > size);
    }

    public async Task<Outcome<OutboxDetail>> One(long id, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Outbox.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, cancel) is not { } item)
        {
            return new NotFound("mail");
        }

        var attempts = await db.OutboxAttempts.AsNoTracking().Where(a => a.OutboxId == id).OrderByDescending(a => a.Id)
            .Select(a => new AttemptRow(a.At, a.Outcome, a.Error, a.Process, a.Milliseconds)).ToListAsync(cancel);
        var kept = await db.Mailbox.AsNoTracking().SingleOrDefaultAsync(m => m.OutboxId == id, cancel);
        var version = await db.Database.SqlQuery<int?>($"SELECT template_version AS \"Value\" FROM outbox WHERE id = {id}").SingleAsync(cancel);
        var mail = kept is not null ? new RenderedMail(kept.Subject, kept.Html, kept.Text, version ?? 0) : item is { Kind: "mail", Recipient: not null } ? await Made(item, item.State == "sent" ? version : null, cancel) : null;
        return new OutboxDetail(
            new(item.Id, item.Kind, item.Template, item.Recipient, item.State, item.Attempts, item.CreatedAt, item.DueAt, item.SentAt, item.LastError), attempts, mail, kept is not null,
            item.Kind == StaffChat.Kind ? ChatChannel.Text(item.Payload, (await brand.Now(cancel)).Name, links) : item.Payload);
    }

    // A payload that lacks something is why the mail failed, and no reason for the page to.
    private async Task<RenderedMail?> Made(OutboxItem item, int? version, CancellationToken cancel)
    {
        try
        {
            return await templates.Render(item, await unsubscribe.Of(item, cancel), cancel, version);
        }
        catch (RefusedForGood)
        {
            return null;
        }
    }
}
