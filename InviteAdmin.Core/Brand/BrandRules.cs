using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Data;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Brand;

/// <summary>
/// The brand in force, for public pages, widget and mails. The name that the configuration sets wins; otherwise what staff saved counts, otherwise the default.
/// Whoever shows something asks here; the answer is kept for two seconds, so that a change holds in all processes within them. While one asks the database, and while
/// that is away, everybody else is told what was known last, because a page that says so must still look like the company's.
/// </summary>
public sealed class BrandRules(IConfiguration configuration, IOptions<AppOptions> app, NpgsqlDataSource source, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _asking = new(1, 1);
    private Known? _known;
    private LogoCopy? _logo;

    /// <summary>What was known last, without asking anybody.</summary>
    public BrandLook Last => Volatile.Read(ref _known)?.Look ?? Of(BrandValues.None, null);

    /// <summary>The name of the setting that decides the name, as an environment variable is called; null when nothing does.</summary>
    public string? NameSetBy => configuration["App:ProductName"] is null ? null : "App__ProductName";

    public async ValueTask<BrandLook> Now(CancellationToken cancel)
    {
        var known = Volatile.Read(ref _known);
        if (IsFresh(known))
        {
            return known!.Look;
        }

        if (!await _asking.WaitAsync(known is null ? Patience : TimeSpan.Zero, cancel))
        {
            return Last;
        }

        try
        {
            known = Volatile.Read(ref _known);
            if (!IsFresh(known))
            {
                known = new(await Ask(cancel), time.GetTimestamp());
                Volatile.Write(ref _known, known);
            }

            return known!.Look;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>The logo and its bytes, kept in memory while they are the ones in force; null without one.</summary>
    public async ValueTask<(BrandLogo Logo, byte[] Bytes)?> Logo(CancellationToken cancel)
    {
        if ((await Now(cancel)).Logo is not { } wanted)
        {
            return null;
        }

        var copy = Volatile.Read(ref _logo);
        if (copy?.Logo != wanted)
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            copy = (await connection.Query(
                "SELECT hash, media_type, width, height, bytes FROM brand_logo",
                row => new LogoCopy(new(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3)), row.GetFieldValue<byte[]>(4)), cancel)).FirstOrDefault();
            Volatile.Write(ref _logo, copy);
        }

        return copy is null ? null : (copy.Logo, copy.Bytes);
    }

    public void Dispose() => _asking.Dispose();

    /// <summary>After a change in this process: the next who asks reads it.</summary>
    internal void Forget()
    {
        if (Volatile.Read(ref _known) is { } known)
        {
            Volatile.Write(ref _known, known with { At = null });
        }
    }

    internal BrandLook Of(BrandValues saved, BrandLogo? logo) => new(
        NameSetBy is null && saved.Name is { Length: > 0 } name ? name : app.Value.ProductName, BrandColour.Of(saved.Accent), logo, saved.PrivacyUrl, saved.ImprintUrl, saved.English, saved.German);

    /// <param name="saved">JSON as <see cref="ChangeBrand"/> writes it.</param>
    internal static BrandValues Values(string saved) => saved == "{}" ? BrandValues.None : JsonSerializer.Deserialize<BrandValues>(saved, JsonSerializerOptions.Web) ?? BrandValues.None;

    private async Task<BrandLook> Ask(CancellationToken cancel)
    {
        try
        {
            return await Read(cancel).WaitAsync(Patience, cancel);
        }
        catch (Exception away) when (Absence.MayPass(away) && !cancel.IsCancellationRequested)
        {
            return Last;
        }
    }

    private async Task<BrandLook> Read(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            "SELECT s.saved::text, l.hash, l.media_type, l.width, l.height FROM settings s LEFT JOIN brand_logo l ON true WHERE s.section = 'brand'",
            row => Of(Values(row.GetString(0)), row.IsDBNull(1) ? null : new(row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4))), cancel)).FirstOrDefault() ?? Last;
    }

    private bool IsFresh(Known? known) => known?.At is { } at && time.GetElapsedTime(at) < Kept;

    private sealed record LogoCopy(BrandLogo Logo, byte[] Bytes);

    private sealed record Known(BrandLook Look, long? At);
}
