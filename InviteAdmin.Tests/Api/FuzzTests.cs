using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using InviteAdmin.Api;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Api;

/// <summary>The fuzz row of the reliability table. With n bodies an endpoint and none failing, a fault is rarer than 3 in n of what the generator makes: 5,000 in the nightly run, a fifth of that always.</summary>
public sealed class FuzzTests(RunningApp app, ITestOutputHelper output) : IClassFixture<RunningApp>
{
    private static readonly int Bodies = Trials.Of(1_000, 5_000);
    private const int AtOnce = 8;
    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("INVITEADMIN_FUZZ_SEED"), out var seed) ? seed : Random.Shared.Next();

    [Fact]
    public async Task Fuzz_BodiesForEachEndpoint_NoFaultAndNoPartialWrite_n1000()
    {
        using var api = ApiClient.For(app);
        var faults = new List<string>();
        var started = Stopwatch.StartNew();
        output.WriteLine($"INVITEADMIN_FUZZ_SEED={_seed}");
        var known = await People(api);
        foreach (var endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<ApiCall>() is not { } call) continue;
            var method = endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0];
            // Where no body is read only the address can be wrong.
            var rounds = call.RequestExample is not null ? Bodies : Bodies / 10;
            await Parallel.ForEachAsync(Enumerable.Range(0, AtOnce), async (lane, cancel) =>
            {
                var nasty = new NastyBodies(unchecked(_seed + (lane * 7919) + endpoint.RoutePattern.RawText!.Length));
                for (var i = 0; i < rounds / AtOnce; i++)
                {
                    var request = new HttpRequestMessage(new HttpMethod(method), Address(endpoint, nasty, known));
                    if (method is "POST" or "PUT")
                    {
                        request.Content = new ByteArrayContent(nasty.Next(call.RequestExample));
                        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                        if (nasty.Below(4) == 0) request.Headers.TryAddWithoutValidation("Idempotency-Key", $"fuzz-{nasty.Below(2_000)}");
                    }

                    var answer = await api.Send(request);
                    if ((int)answer.Status >= 500 || ((int)answer.Status >= 400 && answer.ContentType is not "application/problem+json" && answer.Body.Length > 0))
                    {
                        lock (faults) faults.Add($"{method} {request.RequestUri}: {answer.Status} {answer.Text}");
                    }
                }
            });
            output.WriteLine($"{started.Elapsed.TotalSeconds:0.0} s {method} {endpoint.RoutePattern.RawText}");
        }

        Assert.Empty(faults.Take(5));
        Assert.Equal("", await app.Database.Scalar<string>("SELECT coalesce(string_agg(invariant || ': ' || violations, '; '), '') FROM invariant_check WHERE violations <> 0"));
    }

    [Theory]
    [InlineData("/waitlist", "email,name,ref,src")]
    [InlineData("/signup", "code,email,name")]
    [InlineData("/waitlist/confirm/x", "")]
    [InlineData("/waitlist/status/x/leave", "")]
    public async Task Fuzz_Forms_NoFaultAndNoPartialWrite_n1000(string form, string fields)
    {
        output.WriteLine($"INVITEADMIN_FUZZ_SEED={_seed}");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = app.Address };
        var token = Regex.Match(await http.GetStringAsync("/waitlist"), "__RequestVerificationToken\" value=\"([^\"]+)").Groups[1].Value;
        var faults = new List<string>();
        var rounds = fields.Length == 0 ? 500 : Bodies;
        await Parallel.ForEachAsync(Enumerable.Range(0, AtOnce), async (lane, cancel) =>
        {
            var nasty = new NastyBodies(unchecked(_seed + (lane * 7919) + form.Length));
            for (var i = 0; i < rounds / AtOnce; i++)
            {
                var body = string.Join('&', fields.Split(',', StringSplitOptions.RemoveEmptyEntries).Where(_ => nasty.Below(10) > 0).Select(f => $"{f}={Encoded(nasty)}").Append($"__RequestVerificationToken={Uri.EscapeDataString(token)}"));
                using var content = new StringContent(body, System.Text.Encoding.Latin1, "application/x-www-form-urlencoded");
                var to = form.Replace("/x", $"/{Uri.EscapeDataString(Pathable(nasty.Text()))}", StringComparison.Ordinal);
                using var answer = await http.PostAsync(to, content, cancel);
                if ((int)answer.StatusCode >= 500)
                {
                    lock (faults) faults.Add($"{to} {body}: {answer.StatusCode}");
                }
            }
        });

        Assert.Empty(faults.Take(5));
        Assert.Equal("", await app.Database.Scalar<string>("SELECT coalesce(string_agg(invariant || ': ' || violations, '; '), '') FROM invariant_check WHERE violations <> 0"));
    }

    private static string Encoded(NastyBodies nasty) => nasty.Below(20) switch
    {
        0 => "%FF%FE%00",
        1 => "%",
        2 => "%ED%A0%80",
        _ => Uri.EscapeDataString(nasty.Text().Replace("\ud800", "\ufffd", StringComparison.Ordinal)),
    };

    private static string Address(RouteEndpoint endpoint, NastyBodies nasty, IReadOnlyDictionary<string, string[]> known) =>
        Regex.Replace(endpoint.RoutePattern.RawText!, "{(.+?)}", hole => known.TryGetValue(hole.Groups[1].Value, out var real) && nasty.Below(3) == 0
            ? real[nasty.Below(real.Length)]
            : Uri.EscapeDataString(Pathable(nasty.Text()))) + (nasty.Below(4) == 0 ? $"?{(nasty.Below(2) == 0 ? "limit" : nasty.Below(2) == 0 ? "query" : "from")}={Uri.EscapeDataString(Pathable(nasty.Text()))}&cursor={nasty.Below(9)}" : "");

    // Kestrel itself refuses a NUL in the address, and the client a lone surrogate.
    private static string Pathable(string text)
    {
        var path = text.Replace("\0", "", StringComparison.Ordinal).Trim('.', '/');
        return new string([.. path.Take(1_500).Select(c => char.IsSurrogate(c) ? '\ufffd' : c)]) is { Length: > 0 } some ? some : "x";
    }

    private static async Task<IReadOnlyDictionary<string, string[]>> People(ApiClient api)
    {
        var (tokens, codes, members) = (new List<string>(), new List<string>(), new List<string>());
        for (var i = 0; i < 20; i++)
        {
            tokens.Add((await api.Waiting($"fuzz{i}@example.com")).GetProperty("statusLink").GetString()!.Split('/')[^1]);
            codes.Add(await api.Code(uses: 100));
            members.Add((await api.Member($"fuzz.member{i}@example.com")).GetProperty("userId").GetString()!);
        }

        return new Dictionary<string, string[]> { ["statusToken"] = [.. tokens], ["code"] = [.. codes], ["userId"] = [.. members], ["id"] = ["1", "2", "3"] };
    }
}
