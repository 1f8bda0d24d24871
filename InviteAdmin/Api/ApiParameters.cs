using System.Globalization;
using Microsoft.OpenApi;

namespace InviteAdmin.Api;

/// <summary>What the parameters of all calls mean, by their names, and the headers of every answer.</summary>
internal static class ApiParameters
{
    private static readonly Dictionary<string, (string Means, string Example, int? Least, int? Most)> ByName = new(StringComparer.Ordinal)
    {
        ["statusToken"] = ("The private token at the end of a person's statusLink.", "01jd4xp9s3", null, null),
        ["code"] = ("A code; case, spaces and dashes do not matter.", "7F3K-Q2MX-9ZTA", null, null),
        ["userId"] = ("The userId of a member.", "usr_01jd4x9c5d7f8g2h", null, null),
        ["slug"] = ("The slug of a campaign.", "autumn-meetup-7k2m", null, null),
        ["id"] = ("The id.", "co_01jd4xe7h9j2k4m6", null, null),
        ["query"] = ("An email, a code, an id or the beginning of a name.", "ann@example.com", null, null),
        ["limit"] = ("How many at most.", "50", 1, 200),
        ["cursor"] = ("The nextCursor of the page before.", "MTMgY29ob3J0cw", null, null),
        ["depth"] = ("How many steps down the chain.", "3", 1, 20),
        ["from"] = ("The first day.", "2026-11-01", null, null),
        ["to"] = ("The last day.", "2026-11-22", null, null),
    };

    private static readonly (string Name, string Means, OpenApiSchema Schema)[] Headers =
    [
        ("RateLimit", "What is left of the window, and in how many seconds the next begins: \"key\";r=5999;t=42.", new() { Type = JsonSchemaType.String }),
        ("RateLimit-Policy", "The window: \"key\";q=6000;w=60 is 6,000 requests in 60 seconds, of the key.", new() { Type = JsonSchemaType.String }),
        ("X-Request-Id", "Finds the request in the log of the Developers page.", new() { Type = JsonSchemaType.String }),
    ];

    public static void AddTo(OpenApiDocument document)
    {
        foreach (var (name, means, schema) in Headers)
        {
            document.AddComponent<IOpenApiHeader>(name, new OpenApiHeader { Description = means, Schema = schema });
        }
    }

    public static void Describe(OpenApiOperation operation, OpenApiDocument document)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(p => p.Name is not null && ByName.ContainsKey(p.Name)))
        {
            var (means, example, least, most) = ByName[parameter.Name!];
            parameter.Description = means;
            if (parameter.Schema is OpenApiSchema schema)
            {
                schema.Minimum = least?.ToString(CultureInfo.InvariantCulture);
                schema.Maximum = most?.ToString(CultureInfo.InvariantCulture);
                parameter.Example = least is null ? example : int.Parse(example, CultureInfo.InvariantCulture);
            }

            // The only one in a query that a call cannot do without.
            parameter.Required |= parameter.Name == "query";
        }

        foreach (var response in (operation.Responses ?? []).Values.OfType<OpenApiResponse>())
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            foreach (var (name, _, _) in Headers)
            {
                response.Headers[name] = new OpenApiHeaderReference(name, document);
            }
        }
    }
}
