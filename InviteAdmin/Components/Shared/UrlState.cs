using System.Globalization;
using System.Reflection;
using InviteAdmin.People;
using Microsoft.AspNetCore.WebUtilities;

namespace InviteAdmin.Components.Shared;

/// <summary>
/// The view of a page as its address: the properties of <typeparamref name="T"/> are the keys of the query string. Defaults are left
/// out, unknown keys and values that do not parse are ignored.
/// </summary>
public static class UrlState<T>
    where T : class, new()
{
    private static readonly (PropertyInfo Property, string Key)[] Keys =
        [.. typeof(T).GetProperties().Where(p => p.CanWrite).Select(p => (p, char.ToLowerInvariant(p.Name[0]) + p.Name[1..]))];

    // No page, count or size is larger, and fifty times as many still is a number.
    private const int MostNumber = 10_000_000;

    private static readonly T Defaults = new();

    public static T Read(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(new Uri("http://localhost"), uri).Query);
        var state = new T();
        foreach (var (property, key) in Keys)
        {
            if (query.TryGetValue(key, out var values) && Parse(property.PropertyType, values.ToString()) is { } value)
            {
                property.SetValue(state, value);
            }
        }

        return state;
    }

    /// <summary>The address of a path with this view.</summary>
    public static string Href(string path, T state)
    {
        var query = new Dictionary<string, string?>();
        foreach (var (property, key) in Keys)
        {
            var value = property.GetValue(state);
            if (value is not null && !Equals(value, property.GetValue(Defaults)) && value is not "")
            {
                query[key] = Text(value);
            }
        }

        return QueryHelpers.AddQueryString(path, query);
    }

    private static object? Parse(Type type, string text)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare switch
        {
            _ when bare == typeof(string) => text.Length is > 0 and <= 320 && PlainText.IsClean(text) ? text : null,
            _ when bare == typeof(int) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostNumber ? number : null,
            _ when bare == typeof(long) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
            _ when bare == typeof(bool) => text is "true",
            { IsEnum: true } => !char.IsAsciiDigit(text.FirstOrDefault()) && Enum.TryParse(bare, text, true, out var value) && Enum.IsDefined(bare, value) ? value : null,
            _ => throw new NotSupportedException($"{type} cannot stand in an address."),
        };
    }

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        Enum choice => choice.ToString().ToLowerInvariant(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
