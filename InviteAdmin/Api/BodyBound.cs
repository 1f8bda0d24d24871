using Microsoft.AspNetCore.Http.Features;

namespace InviteAdmin.Api;

/// <summary>A route that takes larger bodies than others, such as a provider's batches.</summary>
public sealed record BodyLimit(int MostBytes);

/// <summary>Refuses bodies that are too large, before anything reads them.</summary>
public sealed class BodyBound(RequestDelegate next)
{
    public const int MostBytes = 64 * 1024;

    // A client that sends a little too much gets to read its answer; one that sends a lot is cut off.
    private const int MostDrained = 2 * 1024 * 1024;

    public Task Invoke(HttpContext context) =>
        Admit(context, context.GetEndpoint()?.Metadata.GetMetadata<BodyLimit>()?.MostBytes ?? MostBytes) ? next(context) : Problem.Of("body-too-large", "The body may have at most 64 KB.").ExecuteAsync(context);

    /// <summary>False when the body is announced as too large; one that grows too large while it is read fails then.</summary>
    public static bool Admit(HttpContext context, int most = MostBytes)
    {
        var admitted = context.Request.ContentLength is not { } length || length <= most;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = admitted ? most : MostDrained;
        }

        return admitted;
    }
}
