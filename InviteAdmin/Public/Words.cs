using System.Collections;
using System.Globalization;
using System.Resources;
using InviteAdmin.Results;
using InviteAdmin.Rollout;

namespace InviteAdmin.Public;

/// <summary>
/// The words of the public pages and of the widget, in the language of whoever asks: that of <c>?lang=</c>, else the first of Accept-Language that we speak, else English.
/// They stand in <c>Words.en.resx</c> and <c>Words.de.resx</c>; both are part of the program itself, so that no file can be forgotten.
/// </summary>
public sealed class Words
{
    private const string English = "en";

    private static readonly Dictionary<string, Dictionary<string, string>> Files = Languages.ToDictionary(l => l, Load, StringComparer.Ordinal);

    // Sentences of the core come in English, and are known by it.
    private static readonly Dictionary<string, string> Said = Files[English].Where(w => w.Key.StartsWith("Said", StringComparison.Ordinal)).ToDictionary(w => w.Value, w => w.Key, StringComparer.Ordinal);

    private readonly HttpContext? _context;

    public Words(IHttpContextAccessor contexts)
    {
        _context = contexts.HttpContext;
        Asked = _context is null ? null : Known(_context.Request.Query["lang"]);
        Language = Asked ?? Accepted() ?? English;
        Culture = Language == English ? CultureInfo.InvariantCulture : CultureInfo.GetCultureInfo(Language);
    }

    /// <summary>Of each there is a file.</summary>
    public static IReadOnlyList<string> Languages => ["en", "de"];

    /// <summary>Two letters, as in de.</summary>
    public string Language { get; }

    /// <summary>The language that the address asks for; null when it names none.</summary>
    public string? Asked { get; }

    private CultureInfo Culture { get; }

    public string this[string key] => Files[Language][key];

    public string this[string key, params ReadOnlySpan<object> values] => string.Format(Culture, Files[Language][key], values);

    /// <summary>What a language calls itself.</summary>
    public static string NameOf(string language) => Files[language]["LanguageName"];

    /// <summary>Every word of a language by its key.</summary>
    internal static IReadOnlyDictionary<string, string> All(string language) => Files[language];

    /// <summary>A sentence of the core in this language; one that is not known stays as it is.</summary>
    public string Of(string sentence) => Said.TryGetValue(sentence, out var key) ? this[key] : sentence;

    /// <summary>The sentences of a form's fields in this language.</summary>
    public IReadOnlyDictionary<string, string> Of(Invalid invalid) => invalid.Fields.ToDictionary(f => f.Key, f => Of(f.Value), StringComparer.Ordinal);

    /// <summary>A path of ours that stays in the language which was asked for.</summary>
    public string Address(string path) => Asked is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}lang={Asked}";

    /// <summary>The address of this page in another language.</summary>
    public string AddressIn(string language)
    {
        var query = QueryString.Create((_context?.Request.Query ?? QueryCollection.Empty).Where(q => q.Key != "lang")).Add("lang", language);
        return _context?.Request.Path.ToUriComponent() + query.ToUriComponent();
    }

    public string Number(long value) => value.ToString("N0", Culture);

    /// <summary>A day of this year: 9 December.</summary>
    public string Day(DateTimeOffset at) => at.UtcDateTime.ToString(Language == "de" ? "d. MMMM" : "d MMMM", Culture);

    public string Date(DateTimeOffset at) => at.UtcDateTime.ToString(Language == "de" ? "d. MMMM yyyy" : "d MMMM yyyy", Culture);

    /// <summary>As they stand in a sentence: between 3 and 9 December.</summary>
    public string Dates(DayRange range, DateOnly today)
    {
        if (Language != "de")
        {
            return ForecastSentence.Dates(range, today);
        }

        var (from, to) = (range.From, range.To);
        var last = to.ToString(from.Year == to.Year && to.Year == today.Year ? "d. MMMM" : "d. MMMM yyyy", Culture);
        return from == to ? this["DatesOn", last]
            : this["DatesBetween", from.ToString(from.Year != to.Year ? "d. MMMM yyyy" : from.Month == to.Month ? "d'.'" : "d. MMMM", Culture), last];
    }

    private string? Accepted() => _context?.Request.GetTypedHeaders().AcceptLanguage
        .Where(l => l.Quality is not 0).OrderByDescending(l => l.Quality ?? 1).Select(l => Known(l.Value.ToString().Split('-')[0])).FirstOrDefault(l => l is not null);

    private static string? Known(string? language) => Languages.FirstOrDefault(l => l.Equals(language, StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, string> Load(string language) => new ResourceManager($"InviteAdmin.Public.Words.{language}", typeof(Words).Assembly)
        .GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!.Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!, StringComparer.Ordinal);
}
