namespace InviteAdmin.Components.Pages.Developers;

/// <summary>The languages snippets are shown in.</summary>
public enum SnippetLanguage
{
    Curl,
    TypeScript,
    CSharp,
    Python,
    Form,
    Widget,
}

/// <summary>What a snippet does.</summary>
public enum SnippetTask
{
    Join,
    Redeem,
}

/// <summary>A whole small program that runs as it is shown.</summary>
/// <param name="File">What to call its file.</param>
/// <param name="Run">How to run it.</param>
public sealed record Snippet(string File, string Run, string Text);

/// <summary>The snippets of the Developers page. Each needs nothing but the language itself.</summary>
public static class Snippets
{
    /// <summary>Stands where the page knows no key.</summary>
    public const string NoKey = "YOUR-KEY";

    /// <summary>Stands where a code is to be put.</summary>
    public const string NoCode = "YOUR-CODE";

    public static string Name(SnippetLanguage language) => language switch
    {
        SnippetLanguage.Curl => "curl",
        SnippetLanguage.CSharp => "C#",
        SnippetLanguage.Form => "Plain form",
        var other => other.ToString(),
    };

    /// <param name="address">Where the product is reached, without a slash at its end.</param>
    /// <param name="email">Whoever joins or signs up.</param>
    public static Snippet Of(SnippetLanguage language, SnippetTask task, string address, string key, string email = "ann@example.com", string code = NoCode)
    {
        var (path, fields, said) = task == SnippetTask.Join
            ? ("waitlist", new[] { ("email", email), ("name", "Ann Example") }, "statusLink")
            : ("redemptions", [("code", code), ("email", email), ("name", "Ann Example")], "userId");
        var verb = task == SnippetTask.Join ? "join" : "redeem";
        return language switch
        {
            SnippetLanguage.TypeScript => new($"{verb}.ts", $"node {verb}.ts", TypeScript(address, key, path, fields, said)),
            SnippetLanguage.CSharp => new($"{verb}.cs", $"dotnet run {verb}.cs", CSharp(address, key, path, fields, said)),
            SnippetLanguage.Python => new($"{verb}.py", $"python3 {verb}.py", Python(address, key, path, fields, said)),
            SnippetLanguage.Widget when task == SnippetTask.Join => new("join.html", "python3 -m http.server 8000", Widget(address)),
            SnippetLanguage.Form or SnippetLanguage.Widget => new($"{verb}.html", "open it in a browser", Form(address, task, code)),
            _ => new($"{verb}.sh", $"sh {verb}.sh", Curl(address, key, path, fields)),
        };
    }

    private static string Curl(string address, string key, string path, (string Name, string Value)[] fields) =>
        $$"""
        curl -sS '{{address}}/api/v1/{{path}}' \
          -H 'Authorization: Bearer {{key}}' \
          -H 'Content-Type: application/json' \
          -H "Idempotency-Key: {{path}}-$(date +%s)-$$" \
          -d '{{{string.Join(",", fields.Select(f => $"\"{f.Name}\":\"{f.Value}\""))}}}'
        """;

    private static string TypeScript(string address, string key, string path, (string Name, string Value)[] fields, string said) =>
        $$"""
        // Node 22.18 or later runs it as it is; before that: npx tsx.
        import { randomUUID } from "node:crypto";

        const key = "{{key}}"; // on your server, never in a browser
        const answer = await fetch("{{address}}/api/v1/{{path}}", {
          method: "POST",
          headers: {
            Authorization: `Bearer ${key}`,
            "Content-Type": "application/json",
            "Idempotency-Key": randomUUID(), // the same one when you try again
          },
          body: JSON.stringify({ {{string.Join(", ", fields.Select(f => $"{f.Name}: \"{f.Value}\""))}} }),
        });
        const body = await answer.json();
        if (!answer.ok) throw new Error(`${body.type}: ${body.detail}`);
        console.log(answer.status, body.{{said}});
        """;

    private static string CSharp(string address, string key, string path, (string Name, string Value)[] fields, string said) =>
        $$"""
        using System.Net.Http.Headers;
        using System.Text;
        using System.Text.Json.Nodes;

        using var http = new HttpClient();
        var request = new HttpRequestMessage(HttpMethod.Post, "{{address}}/api/v1/{{path}}")
        {
            Content = new StringContent(new JsonObject { {{string.Join(", ", fields.Select(f => $"[\"{f.Name}\"] = \"{f.Value}\""))}} }.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "{{key}}");
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString()); // the same one when you try again

        using var answer = await http.SendAsync(request);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{body["type"]}: {body["detail"]}");
        Console.WriteLine($"{(int)answer.StatusCode} {body["{{said}}"]}");
        """;

    private static string Python(string address, string key, string path, (string Name, string Value)[] fields, string said) =>
        $$"""
        import json, urllib.error, urllib.request, uuid

        request = urllib.request.Request(
            "{{address}}/api/v1/{{path}}",
            data=json.dumps({ {{string.Join(", ", fields.Select(f => $"\"{f.Name}\": \"{f.Value}\""))}} }).encode(),
            headers={
                "Authorization": "Bearer {{key}}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.uuid4()),  # the same one when you try again
            },
        )
        try:
            with urllib.request.urlopen(request) as answer:
                print(answer.status, json.load(answer)["{{said}}"])
        except urllib.error.HTTPError as refused:
            problem = json.load(refused)
            raise SystemExit(f"{problem['type']}: {problem['detail']}")
        """;

    // Without the script the form in it is what people see, and it works.
    private static string Widget(string address) =>
        $"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>Join the waitlist</title>
        <invite-waitlist>
          <form action="{address}/waitlist" method="post">
            <p><label>Your name <input name="name" required maxlength="200" autocomplete="name"></label></p>
            <p><label>Email <input name="email" type="email" required autocomplete="email"></label></p>
            <p><button>Join the waitlist</button></p>
          </form>
        </invite-waitlist>
        <script async src="{address}/widget.js"></script>
        </html>
        """;

    // No key may stand in a page: this one opens ours, where the person types.
    private static string Form(string address, SnippetTask task, string code) => task == SnippetTask.Join
        ? $"""
        <form action="{address}/waitlist" method="get">
          <!-- optional: the slug of a source from Settings, and a friend's referral token -->
          <input type="hidden" name="src" value="">
          <input type="hidden" name="ref" value="">
          <button>Join the waitlist</button>
        </form>
        """
        : $"""
        <form action="{address}/signup" method="get">
          <label>Invitation code <input name="code" value="{(code == NoCode ? "" : code)}" required></label>
          <button>Sign up</button>
        </form>
        """;
}
