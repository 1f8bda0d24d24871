using System.Collections.Concurrent;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>A template that can be rendered.</summary>
public sealed record CompiledTemplate(int Version, TemplateText Subject, TemplateText Html, TemplateText Text)
{
    public static CompiledTemplate Of(int version, TemplateSource source) => new(version, TemplateText.Parse("subject", source.Subject), TemplateText.Parse("html", source.Html), TemplateText.Parse("text", source.Text));
}

/// <summary>The templates in force. Which version is published is asked every two seconds, so that a change holds in all processes within them; a version itself never changes.</summary>
public sealed class PublishedTemplates(NpgsqlDataSource source, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<(string Template, int Version), CompiledTemplate> _compiled = new();
    private Known? _known;

    /// <param name="version">A certain version; without it the published one.</param>
    public async ValueTask<CompiledTemplate> Of(TemplateKind kind, int? version, CancellationToken cancel)
    {
        var wanted = version ?? (await Versions(cancel)).GetValueOrDefault(kind.Name);
        if (_compiled.TryGetValue((kind.Name, wanted), out var ready))
        {
            return ready;
        }

        var compiled = CompiledTemplate.Of(wanted, wanted == 0 ? kind.Shipped : await Read(kind.Name, wanted, cancel) ?? throw new RefusedForGood($"There is no version {wanted} of the template {kind.Name}."));
        if (compiled.Subject.Problems.Concat(compiled.Html.Problems).Concat(compiled.Text.Problems).FirstOrDefault() is { } problem)
        {
            throw new RefusedForGood($"Version {wanted} of the template {kind.Name} cannot be made into a mail: {problem.Sentence}");
        }

        _compiled[(kind.Name, wanted)] = compiled;
        return compiled;
    }

    /// <summary>After a change in this process: the next who asks reads it.</summary>
    internal void Forget() => Volatile.Write(ref _known, null);

    private async ValueTask<IReadOnlyDictionary<string, int>> Versions(CancellationToken cancel)
    {
        if (Volatile.Read(ref _known) is { } known && time.GetElapsedTime(known.At) < Kept)
        {
            return known.Versions;
        }

        var at = time.GetTimestamp();
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query("SELECT template, version FROM mail_templates_published", row => KeyValuePair.Create(row.GetString(0), row.GetInt32(1)), cancel);
        var versions = rows.ToDictionary(StringComparer.Ordinal);
        Volatile.Write(ref _known, new(versions, at));
        return versions;
    }

    private async Task<TemplateSource?> Read(string template, int version, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = await connection.Query(
            "SELECT subject, html, text FROM mail_templates WHERE template = $1 AND version = $2", row => new TemplateSource(row.GetString(0), row.GetString(1), row.GetString(2)), cancel, template, version);
        return found.Count == 0 ? null : found[0];
    }

    private sealed record Known(IReadOnlyDictionary<string, int> Versions, long At);
}
