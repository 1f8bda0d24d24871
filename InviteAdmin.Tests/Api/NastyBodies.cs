using System.Text;
using System.Text.Json.Nodes;

namespace InviteAdmin.Tests.Api;

/// <summary>Makes bodies nobody should send from one that is right: fields replaced, doubled and left out, then bytes damaged.</summary>
public sealed class NastyBodies(int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "[]", "{}", "0", "-1", "1", "2", "101", "1.5", "-0", "1e308", "1e400", "2147483647", "2147483648", "-9223372036854775809", "99999999999999999999999",
        "\"\"", "\" \"", "\"text\"", "\"\\u0000\"", "\"a\\u0000b@example.com\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "\"\u202Egnp.exe\"", "\"\\u202e\"", "\"\uFEFF\"", "\"\\n\\r\\t\"",
        "\"ann@example.com\"", "\"ANN+tag@exämple.com\"", "\"a@b\"", "\"@\"", "\"a@[127.0.0.1]\"", "\"<script>alert(1)</script>\"", "\"'; DROP TABLE members; --\"", "\"{{7*7}}\"", "\"%00\"", "\"../../etc/passwd\"",
        "\"https://spam.example\"", "\"=cmd|' /C calc'!A0\"", "\"Ａｎｎ\"", "\"İi̇ıI\"", "\"ﬁ\"", "\"a\u0301\u0301\u0301\u0301\u0301\"", "[\"ann@example.com\"]", "{\"a\":1}", "[[[[[[[[[[[[]]]]]]]]]]]]", "\"1\"", "\"true\"",
    ];

    private static readonly string[] Aliens =
    [
        "", " ", "{", "}", "[", "null", "[]", "0", "\"\"", "{}{}", "{\"\":1}", "{\"a\":}", "{'a':1}", "{\"a\":1,}", "\u0000", "NaN", "<xml/>", "email=a&name=b", "{\"\\ud800\":1}", "{\"__proto__\":{}}", "/**/{}", "{\"a\":1}x",
    ];

    // Beyond 2 MB the server cuts the line instead of answering.
    private const int Largest = 1_500_000;

    private readonly Random _random = new(seed);

    public byte[] Next(string? right)
    {
        byte[] body;
        do body = Any(right);
        while (body.Length > Largest);
        return body;
    }

    private byte[] Any(string? right)
    {
        if (right is null || _random.Next(20) == 0) return Damage(Encoding.UTF8.GetBytes(Pick(Aliens)));
        var fields = JsonNode.Parse(right)!.AsObject().Select(f => (Name: f.Key, Value: f.Value?.ToJsonString() ?? "null")).ToList();
        for (var i = fields.Count - 1; i >= 0; i--)
        {
            switch (_random.Next(12))
            {
                case < 4: fields[i] = (fields[i].Name, Nasty()); break;
                case 4: fields.RemoveAt(i); break;
                case 5 when _random.Next(4) == 0: fields.Add((fields[i].Name, Nasty())); break;
                case 6: fields[i] = (fields[i].Name.ToUpperInvariant(), fields[i].Value); break;
            }
        }

        if (_random.Next(5) == 0) fields.Insert(0, ("unknown", Nasty()));
        return Damage(Encoding.UTF8.GetBytes($"{{{string.Join(',', fields.Select(f => $"\"{f.Name}\":{f.Value}"))}}}"));
    }

    /// <summary>A piece of text for a path or a form field.</summary>
    public string Text() => _random.Next(8) switch
    {
        0 => new string('n', _random.Next(1, 5_000)),
        1 => new string((char)_random.Next(1, 0x10000), _random.Next(1, 20)),
        _ => Pick(Values).Trim('"').Replace("\\u0000", "\0", StringComparison.Ordinal).Replace("\\ud800", "\ud800", StringComparison.Ordinal),
    };

    public int Below(int most) => _random.Next(most);

    private string Nasty() => _random.Next(400) switch
    {
        0 => "\"" + new string('x', 64 * 1024) + "\"",
        1 => "\"" + new string('x', 1024 * 1024) + "\"",
        2 => new string('[', 1_000) + new string(']', 1_000),
        3 => string.Concat(Enumerable.Repeat("{\"a\":", 1_000)) + "1" + new string('}', 1_000),
        < 20 => "\"" + new string((char)_random.Next(0x20, 0xD7FF), _random.Next(1, 300)).Replace("\"", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal) + "\"",
        _ => Pick(Values),
    };

    private byte[] Damage(byte[] body)
    {
        if (body.Length == 0) return body;
        switch (_random.Next(12))
        {
            case 0: return body[.._random.Next(body.Length)];
            case 1: body[_random.Next(body.Length)] = (byte)_random.Next(256); return body;
            case 2: return [.. body, (byte)_random.Next(256)];
            default: return body;
        }
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
