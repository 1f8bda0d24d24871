using InviteAdmin.People;

namespace InviteAdmin.Results;

/// <summary>Collects one sentence per bad field, so that a caller hears of all of them at once.</summary>
public sealed class FieldChecks
{
    private readonly Dictionary<string, string> _fields = [];

    public Invalid? Failure => _fields.Count == 0 ? null : new Invalid(_fields);

    public void Refuse(string field, string sentence) => _fields.TryAdd(field, sentence);

    public int Within(string field, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            Refuse(field, $"{Label(field)} must be between {least:N0} and {most:N0}.");
        }

        return value;
    }

    /// <summary>An email address in deliverable and canonical form.</summary>
    public EmailAddress Email(string field, string? value)
    {
        if (EmailAddress.TryParse(value, out var email, out var why))
        {
            return email;
        }

        Refuse(field, why);
        return default;
    }

    /// <summary>A person's name: 1 to 200 characters, no control characters, no web address.</summary>
    public string Name(string field, string? value)
    {
        if (PersonName.TryParse(value, out var name, out var why))
        {
            return name;
        }

        Refuse(field, why);
        return "";
    }

    /// <summary>Free text with a bound, trimmed; null when empty.</summary>
    public string? Text(string field, string? value, int most, bool required = false)
    {
        var text = value?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            if (required)
            {
                Refuse(field, $"{Label(field)} is needed.");
            }

            return null;
        }

        if (text.Length > most)
        {
            Refuse(field, $"{Label(field)} may have at most {most:N0} characters.");
        }
        else if (!PlainText.IsClean(text))
        {
            Refuse(field, $"{Label(field)} holds characters that cannot be shown.");
        }

        return text;
    }

    /// <summary>A moment that is told afterwards: not later than a clock may be ahead, and not too far back.</summary>
    public void Moment(string field, DateTimeOffset value, DateTimeOffset now, TimeSpan oldest)
    {
        if (value > now + TimeSpan.FromMinutes(5))
        {
            Refuse(field, $"{Label(field)} lies in the future.");
        }
        else if (value < now - oldest)
        {
            Refuse(field, $"{Label(field)} lies more than {oldest.TotalDays:0} days back.");
        }
    }

    private static string Label(string field) => field.Length == 0 ? field : char.ToUpperInvariant(field[0]) + field[1..];
}
