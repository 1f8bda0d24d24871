using System.Security.Cryptography;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Brand;

/// <summary>The brand as its form shows it: what was saved, what is in force, and who saved last.</summary>
/// <param name="NameSetBy">The setting that decides the name; null when it can be changed.</param>
/// <param name="Version">The row's, for an edit to name.</param>
public sealed record BrandFacts(BrandValues Saved, string Name, string? NameSetBy, BrandLogo? Logo, string? ChangedBy, DateTimeOffset? ChangedAt, uint Version);

/// <summary>Saves how the company shows itself to the public. It holds in every process within seconds. The logo is saved by itself.</summary>
public sealed class ChangeBrand(Transactions transactions, BrandRules rules, NpgsqlDataSource source)
{
    public const int MostName = 60;
    public const int MostHeadline = 120;
    public const int MostLead = 300;
    public const int MostShare = 200;
    private const int MostAddress = 500;

    public async Task<BrandFacts> Read(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await Read(connection, "", cancel);
    }

    /// <summary>A name is passed over where the configuration decides it. Answers with what is in force afterwards.</summary>
    /// <param name="version">That of the facts the form was filled with.</param>
    public async Task<Outcome<BrandFacts>> Save(Actor actor, BrandValues wanted, uint version, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        if (Check(wanted, out var values) is { } invalid)
        {
            return invalid;
        }

        var outcome = await transactions.Run<BrandFacts>(async connection =>
        {
            var before = await Read(connection, "FOR UPDATE OF s", cancel);
            if (before.Version != version)
            {
                return new StaleEdit();
            }

            var saved = values with { Name = rules.NameSetBy is null ? values.Name : before.Saved.Name };
            await connection.Execute(
                "UPDATE settings SET saved = $1::jsonb, changed_by = $2, changed_at = now() WHERE section = 'brand'", cancel, JsonSerializer.Serialize(saved, JsonSerializerOptions.Web), actor.Name);
            if (saved != before.Saved)
            {
                await connection.Audit(actor, "settings.brand", "settings", "brand", cancel, before: Flat(before.Saved), after: Flat(saved));
            }

            return await Read(connection, "", cancel);
        }, cancel);
        rules.Forget();
        return outcome;
    }

    /// <summary>Puts a picture in the place of the logo: PNG, JPEG or WebP, of 256 KB at most.</summary>
    public async Task<Outcome<BrandLogo>> SaveLogo(Actor actor, byte[] file, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        if (!LogoFile.TryRead(file, out var facts, out var why))
        {
            return new Invalid("logo", why);
        }

        var logo = new BrandLogo(Convert.ToHexStringLower(SHA256.HashData(file).AsSpan(0, 16)), facts.MediaType, facts.Width, facts.Height);
        var outcome = await transactions.Run<BrandLogo>(async connection =>
        {
            var before = await LockedLogo(connection, cancel);
            await connection.Execute(
                """
                INSERT INTO brand_logo (hash, media_type, width, height, bytes, saved_by) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (sole) DO UPDATE SET (hash, media_type, width, height, bytes, saved_by, saved_at)
                  = (excluded.hash, excluded.media_type, excluded.width, excluded.height, excluded.bytes, excluded.saved_by, now())
                """,
                cancel, logo.Hash, logo.MediaType, logo.Width, logo.Height, file, actor.Name);
            if (before != logo)
            {
                await connection.Audit(actor, "settings.logo", "settings", "brand", cancel, before: before, after: logo);
            }

            return logo;
        }, cancel);
        rules.Forget();
        return outcome;
    }

    /// <summary>Pages and mails that are there already show none either. Again changes nothing.</summary>
    public async Task<Outcome<bool>> RemoveLogo(Actor actor, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var outcome = await transactions.Run<bool>(async connection =>
        {
            if (await LockedLogo(connection, cancel) is not { } before)
            {
                return false;
            }

            await connection.Execute("DELETE FROM brand_logo", cancel);
            await connection.Audit(actor, "settings.logo", "settings", "brand", cancel, before: before);
            return true;
        }, cancel);
        rules.Forget();
        return outcome;
    }

    private async Task<BrandFacts> Read(NpgsqlConnection connection, string locked, CancellationToken cancel) => (await connection.Query(
        $"SELECT s.saved::text, s.changed_by, s.changed_at, s.xmin, l.hash, l.media_type, l.width, l.height FROM settings s LEFT JOIN brand_logo l ON true WHERE s.section = 'brand' {locked}",
        row =>
        {
            var saved = BrandRules.Values(row.GetString(0));
            var logo = row.IsDBNull(4) ? null : new BrandLogo(row.GetString(4), row.GetString(5), row.GetInt32(6), row.GetInt32(7));
            return new BrandFacts(saved, rules.Of(saved, logo).Name, rules.NameSetBy, logo, row.Text(1), row.Time(2), row.GetFieldValue<uint>(3));
        },
        cancel))[0];

    // One fact beside the other, as the record shows them.
    private static object Flat(BrandValues of) => new
    {
        of.Name, of.Accent, of.PrivacyUrl, of.ImprintUrl, EnglishHeadline = of.English.Headline, EnglishLead = of.English.Lead, EnglishShare = of.English.Share,
        GermanHeadline = of.German.Headline, GermanLead = of.German.Lead, GermanShare = of.German.Share,
    };

    // The section's row stands for the logo, which may not be there to be locked.
    private static async Task<BrandLogo?> LockedLogo(NpgsqlConnection connection, CancellationToken cancel)
    {
        await connection.Execute("SELECT 1 FROM settings WHERE section = 'brand' FOR NO KEY UPDATE", cancel);
        return (await connection.Query("SELECT hash, media_type, width, height FROM brand_logo", row => new BrandLogo(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3)), cancel)).FirstOrDefault();
    }

    private static Invalid? Check(BrandValues wanted, out BrandValues values)
    {
        var checks = new FieldChecks();
        var accent = wanted.Accent?.Trim() is { Length: > 0 } text ? text : null;
        var colour = BrandColour.Of(accent);
        if (accent is not null && colour is null)
        {
            checks.Refuse("accent", "A colour is written as in #1b5fae.");
        }

        values = new(
            checks.Text("name", wanted.Name, MostName), colour?.Fill, Address("privacyUrl", wanted.PrivacyUrl), Address("imprintUrl", wanted.ImprintUrl), Texts("english", wanted.English), Texts("german", wanted.German));
        return checks.Failure;

        BrandTexts Texts(string language, BrandTexts of) => new(
            Words($"{language}Headline", of.Headline, MostHeadline), Words($"{language}Lead", of.Lead, MostLead), Words($"{language}Share", of.Share, MostShare));

        // The field's name would make a poor beginning of a sentence.
        string? Words(string field, string? value, int most)
        {
            var trimmed = value?.Trim() is { Length: > 0 } some ? some : null;
            if (trimmed?.Length > most)
            {
                checks.Refuse(field, $"This may have at most {most} characters.");
            }
            else if (trimmed is not null && !People.PlainText.IsClean(trimmed))
            {
                checks.Refuse(field, "This holds characters that cannot be shown, such as a line break.");
            }

            return trimmed;
        }

        string? Address(string field, string? value)
        {
            var trimmed = value?.Trim() is { Length: > 0 } some ? some : null;
            if (trimmed is not null && (trimmed.Length > MostAddress || !People.PlainText.IsClean(trimmed) || !Uri.TryCreate(trimmed, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http")))
            {
                checks.Refuse(field, "This must be a whole address, like https://www.example.com/privacy.");
            }

            return trimmed;
        }
    }
}
