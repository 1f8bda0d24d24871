using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace InviteAdmin.Tests.Support;

/// <summary>
/// Joins what clients were told, what PostgreSQL holds and what the mail server received, with SQL of its own and none of the app's
/// code. Every call was repeated until it was answered, so what is there must be exactly what was acknowledged.
/// </summary>
public sealed partial class OutsideCheck(NpgsqlDataSource database, MixedLoad load, SmtpServer mail)
{
    /// <summary>Everything that is wrong, and nothing when all is well; the number of mails that came twice is beside it.</summary>
    public async Task<(IReadOnlyList<string> Wrong, int Copies)> Run(int excusedCopies)
    {
        var wrong = new List<string>(load.Wrong);
        // Its own connections may be of a server that has gone.
        database.Clear();
        await Drained();
        await Entries(wrong);
        await Redemptions(wrong);
        await Cohorts(wrong);
        var copies = await Mails(wrong);
        if (copies > excusedCopies) wrong.Add($"{copies} copies of mails, where {excusedCopies} are excused");
        wrong.AddRange((await Rows("SELECT invariant FROM invariant_check WHERE violations <> 0")).Select(r => $"violated: {r[0]}"));
        return (wrong, copies);
    }

    /// <summary>Waits until no mail is due any more; what a killed process held is free when its lease ends.</summary>
    private Task Drained() => WaitFor.True(async () => (await Rows("SELECT 1 FROM outbox WHERE state = 'pending' LIMIT 1")).Count == 0, TimeSpan.FromSeconds(90));

    private async Task Entries(List<string> wrong)
    {
        var held = (await Rows("SELECT public_id, email, status, EXISTS (SELECT 1 FROM outbox o WHERE o.dedupe_key = 'confirm:' || e.id), EXISTS (SELECT 1 FROM outbox o WHERE o.dedupe_key = 'welcome:' || e.id) FROM waitlist_entries e"))
            .ToDictionary(r => (string)r[0]);
        var joins = load.Acknowledged.Where(t => t.Call == "waitlist").ToList();
        foreach (var join in joins)
        {
            if (!held.TryGetValue(join.Text("id"), out var row) || (string)row[1] != join.SentText("email")) wrong.Add($"the join of {join.SentText("email")} is lost");
            else if (!join.Sent.GetProperty("emailVerified").GetBoolean() && !(bool)row[3]) wrong.Add($"no confirmation mail for {join.SentText("email")}");
        }

        if (held.Count != joins.Count) wrong.Add($"{held.Count} entries, {joins.Count} acknowledged joins");
        foreach (var confirmed in load.Acknowledged.Where(t => t.Call == "waitlist/confirm"))
        {
            if (!held.TryGetValue(confirmed.Text("id"), out var row) || (string)row[2] == "unconfirmed") wrong.Add($"the confirmation of {confirmed.Text("email")} is lost");
            else if (!(bool)row[4]) wrong.Add($"no welcome mail for {confirmed.Text("email")}");
        }
    }

    private async Task Redemptions(List<string> wrong)
    {
        var held = (await Rows("""
            SELECT m.public_id, m.email, EXISTS (SELECT 1 FROM outbox o WHERE o.dedupe_key = 'registered:' || m.id),
              ARRAY(SELECT shown FROM invite_codes c WHERE c.owner_member_id = m.id) FROM members m JOIN redemptions r ON r.member_id = m.id
            """)).ToDictionary(r => (string)r[0]);
        var told = load.Acknowledged.Where(t => t.Call == "redemptions").ToList();
        foreach (var redemption in told)
        {
            if (!held.TryGetValue(redemption.Text("userId"), out var row) || (string)row[1] != redemption.SentText("email")) wrong.Add($"the sign-up of {redemption.SentText("email")} is lost");
            else if (!(bool)row[2]) wrong.Add($"no mail for {redemption.SentText("email")}");
            else if (redemption.Answer.GetProperty("codes").EnumerateArray().Any(c => !((string[])row[3]).Contains(c.GetProperty("code").GetString()))) wrong.Add($"codes of {redemption.SentText("email")} are lost");
        }

        if (held.Count != told.Count) wrong.Add($"{held.Count} members, {told.Count} acknowledged sign-ups");
    }

    private async Task Cohorts(List<string> wrong)
    {
        var held = (await Rows("SELECT public_id, invited::int, (SELECT count(*)::int FROM cohort_entries e WHERE e.cohort_id = c.id) FROM cohorts c")).ToDictionary(r => (string)r[0]);
        var told = load.Acknowledged.Where(t => t.Call == "cohorts").ToList();
        foreach (var cohort in told)
        {
            var invited = cohort.Answer.GetProperty("invited").GetInt32();
            if (!held.TryGetValue(cohort.Text("id"), out var row) || (int)row[1] != invited || (int)row[2] != invited) wrong.Add($"cohort {cohort.Text("id")} is not as it was told");
        }

        if (held.Count != told.Count) wrong.Add($"{held.Count} cohorts, {told.Count} acknowledged");
    }

    private async Task<int> Mails(List<string> wrong)
    {
        var received = mail.Taken.Select(m => (Id: MessageId().Match(m).Groups[1].Value, To: Recipient().Match(m).Groups[1].Value)).ToLookup(m => m.Id, m => m.To);
        var rows = (await Rows("SELECT id, recipient, state FROM outbox")).ToDictionary(r => ((long)r[0]).ToString(CultureInfo.InvariantCulture));
        foreach (var (id, row) in rows)
        {
            if ((string)row[2] is not ("sent" or "cancelled")) wrong.Add($"mail {id} ended {row[2]}");
            if ((string)row[2] == "sent" && !received[id].Contains((string)row[1])) wrong.Add($"mail {id} to {row[1]} is lost");
        }

        foreach (var message in received)
        {
            if (!rows.TryGetValue(message.Key, out var row) || message.Any(to => to != (string)row[1])) wrong.Add($"a mail {message.Key} that nobody queued, or to another person");
        }

        // The same message is the same whole Message-ID, not only the same row.
        if (mail.MessageIds.Distinct().Count() != received.Count) wrong.Add("a mail came under two Message-IDs");
        return received.Sum(m => m.Count() - 1);
    }

    private async Task<List<object[]>> Rows(string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 60;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }

    [GeneratedRegex(@"^Message-ID: <outbox-(\d+)\.\d+@", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex MessageId();

    [GeneratedRegex(@"^To: (\S+)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Recipient();
}
