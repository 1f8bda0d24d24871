using System.Globalization;
using System.Text.Json;
using InviteAdmin.Invites;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>Writes a demo story to its tables, one COPY each.</summary>
internal sealed class DemoCopy(NpgsqlConnection connection, DemoStory story, DateTimeOffset now, IReadOnlyDictionary<string, long> sources, CancellationToken cancel)
{
    private long _plan;
    private long _campaign;

    public async Task All()
    {
        _plan = await connection.Scalar<long>("SELECT id FROM rollout_plans WHERE is_current", cancel);
        _campaign = await connection.Scalar<long>(DemoSql.AddCampaign, cancel, story.Codes.Count(c => c.Kind == CodeKind.Campaign), story.Codes.First(c => c.Kind == CodeKind.Campaign).ExpiresAt);
        await Rows("waitlist_entries (id, public_id, email, canonical_email, name, status, position, points, source_id, referred_by_id, referral_token, status_token, confirm_token, confirm_expires_at, joined_at, confirmed_at, invited_at, registered_at, declined_at, decline_reason, lapses, hold, hold_reason, cohort_id, demo)",
            story.Entries, e => [e.Id, e.PublicId, e.Email, e.Email, e.Name, e.Status, (long)e.Number + 1, e.Points, e.Source is null ? null : sources[e.Source], e.Referrer?.Id, e.ReferralToken, e.StatusToken, e.ConfirmToken,
                e.JoinedAt.AddDays(30), e.JoinedAt, e.ConfirmedAt, e.InvitedAt, e.RegisteredAt, e.DeclinedAt, e.DeclinedAt is null ? null : "lapse", e.Lapses, e.Hold, e.HoldReason, e.Cohort?.Id, true]);
        await Rows("points_ledger (entry_id, kind, cause, points, created_at)",
            story.Ledger, l => [l.Entry.Id, l.Kind, l.CausedBy is null ? $"source:{sources[l.Cause[7..]]}" : $"entry:{l.CausedBy.Id}", l.Points, l.At]);
        await Rows("cohorts (id, public_id, number, plan_id, local_date, requested, invited, free_seats, state, note, created_by, created_at, undo_until, snapshot, demo)",
            story.Released, c => [c.Id, c.PublicId, c.Number, _plan, c.Date, DemoStory.CohortSize, c.People.Count, null, "released", "Daily batch", DemoLaunch.Teller.Name, c.At, c.At.AddMinutes(1), Snapshot(c), true]);
        await Rows("cohort_entries (cohort_id, entry_id, rank, points, position)",
            story.Released.SelectMany(c => c.People.Select(p => (Cohort: c, p.Entry, p.Rank, p.Points))), p => [p.Cohort.Id, p.Entry.Id, p.Rank, p.Points, (long)p.Entry.Number + 1]);
        await Rows("members (id, public_id, email, canonical_email, name, tier, entry_id, credited_referrals, base_codes, registered_at, demo)",
            story.Members, m => [m.Id, m.PublicId, m.Email, m.Email, m.Name, m.Tier, m.Entry?.Id, m.Brought, 3, m.RegisteredAt, true]);
        await Rows("invite_codes (id, code, shown, kind, campaign_id, owner_member_id, cohort_id, entry_id, tier, max_uses, used_count, expires_at, lapsed_at, status, revoked_at, revoked_reason, revoked_by, person_name, created_at)",
            story.Codes, c => [c.Id, CodeText.Canonical(c.Shown), c.Shown, c.Kind.ToString().ToLowerInvariant(), c.Kind == CodeKind.Campaign ? _campaign : null, c.Owner?.Id, c.Cohort?.Id, c.Entry?.Id, c.Tier, c.MaxUses, c.Used,
                c.ExpiresAt, c.LapsedAt, c.RevokedAt is null ? "active" : "revoked", c.RevokedAt, c.RevokedReason, c.RevokedAt is null ? null : DemoLaunch.Teller.Name, c.PersonName, c.CreatedAt]);
        await Rows("redemptions (member_id, code_id, redeemed_at)", story.Members, m => [m.Id, m.Code.Id, m.RegisteredAt]);
        await Rows("referrals (referrer_member_id, referred_member_id, code_id, status, created_at)",
            story.Members.Where(m => m.Referrer is not null), m => [m.Referrer!.Id, m.Id, m.ReferredBy?.Id, "credited", m.ReferredAt]);
        await Rows("reward_grants (member_id, threshold, codes, tier, reason, granted_at)", story.Grants, g => [g.Member.Id, g.Threshold, g.Codes, g.Tier, g.Threshold is null ? "issued" : "milestone", g.At]);
        await Rows("rollout_decisions (plan_id, local_date, at, outcome, reason, inputs, cohort_id)",
            story.Released, c => [_plan, c.Date, c.At, "released", string.Create(CultureInfo.InvariantCulture, $"Cohort {c.Number}: {c.People.Count} of {DemoStory.CohortSize} people invited."), new Json("{}"), c.Id]);
        await Rows("outbox (kind, template, dedupe_key, recipient, payload, entry_id, member_id, cohort_id, code_id, state, due_at, attempts, sent_at, last_error, created_at)", story.Mails.Select((m, i) => (Mail: m, Number: i)), Outbox);
    }

    // Nearly all mail has left; every four-hundredth welcome shows one of the ways it can end otherwise.
    private object?[] Outbox((DemoMail Mail, int Number) row)
    {
        var (mail, at) = (row.Mail, row.Mail.At);
        var odd = mail.Template == "welcome" && row.Number % 400 == 3 ? (row.Number / 400) % 4 : -1;
        var hold = mail.Entry?.Hold == "suppressed" && mail.Template == "welcome";
        var (state, attempts, error) = hold ? ("suppressed", 1, "The address is suppressed.") : odd switch
        {
            0 => ("dead", 8, "The mail server refused with 550."),
            1 => ("pending", 6, "The mail server did not answer within 30 s."),
            2 => ("dead", 8, "The mail server did not answer within 30 s."),
            3 => ("cancelled", 0, null),
            _ => ("sent", 1, (string?)null),
        };
        var due = state == "pending" ? now.AddHours(6) : at;
        return
        [
            mail.Template == "referral_milestone" ? "notification" : "mail", mail.Template, $"demo:{row.Number}:{mail.Template}", mail.Entry?.Email ?? mail.Member?.Email, new Json(Payload(mail)),
            mail.Entry?.Id, mail.Member?.Id, mail.Code?.Cohort?.Id, mail.Code?.Id, state, due, attempts, state == "sent" ? at.AddSeconds(2) : null, error, at,
        ];
    }

    private string Payload(DemoMail mail) => JsonSerializer.Serialize(mail.Template switch
    {
        "confirm" => new { name = mail.Entry!.Name, confirmToken = mail.Entry.ConfirmToken },
        "welcome" => new { name = mail.Entry!.Name, statusToken = mail.Entry.StatusToken, referralToken = mail.Entry.ReferralToken },
        "invitation" => new { name = mail.Entry!.Name, code = mail.Code!.Shown, statusToken = mail.Entry.StatusToken },
        "lapsed" => new { name = mail.Entry!.Name, statusToken = mail.Entry.StatusToken },
        "registered" => new { name = mail.Member!.Name, codes = mail.Member.Codes.Take(3).Select(c => c.Shown) },
        _ => (object)new { name = mail.Member!.Name, userId = mail.Member.PublicId, count = mail.Count, newInvites = mail.NewInvites },
    });

    private static string Snapshot(DemoCohort cohort) => Rollout.ReleaseCohort.Snapshot(cohort.People.Select(p => ((long)p.Rank, p.Entry.PublicId, p.Points, (long)p.Entry.Number + 1)));

    private async Task Rows<T>(string table, IEnumerable<T> rows, Func<T, object?[]> values)
    {
        await using var copy = await connection.BeginBinaryImportAsync($"COPY {table} FROM STDIN (FORMAT binary)", cancel);
        copy.Timeout = LongWork.Most;
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancel);
            foreach (var value in values(row))
            {
                await (value switch
                {
                    null => copy.WriteNullAsync(cancel),
                    Json json => copy.WriteAsync(json.Text, NpgsqlTypes.NpgsqlDbType.Jsonb, cancel),
                    DateTimeOffset at => copy.WriteAsync(at.ToUniversalTime(), NpgsqlTypes.NpgsqlDbType.TimestampTz, cancel),
                    _ => copy.WriteAsync(value, cancel),
                });
            }
        }

        await copy.CompleteAsync(cancel);
    }

    private sealed record Json(string Text);
}
