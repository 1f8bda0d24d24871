using InviteAdmin.Api;
using Microsoft.AspNetCore.Antiforgery;

namespace InviteAdmin.Public;

/// <summary>A posted form, read within bounds.</summary>
internal sealed class PublicForm
{
    private readonly IFormCollection _fields;

    private PublicForm(IFormCollection fields, bool genuine) => (_fields, Genuine) = (fields, genuine);

    /// <summary>Whether it came from a page of ours, shown to the same browser.</summary>
    public bool Genuine { get; }

    public string this[string field] => _fields[field].ToString();

    /// <summary>The form, or null when the body is not one or is too large.</summary>
    public static async Task<PublicForm?> Read(HttpContext context)
    {
        if (!BodyBound.Admit(context) || !context.Request.HasFormContentType)
        {
            return null;
        }

        try
        {
            var fields = await context.Request.ReadFormAsync(context.RequestAborted);
            return new PublicForm(fields, await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context));
        }
        catch (Exception bad) when (bad is BadHttpRequestException or InvalidDataException or IOException)
        {
            return null;
        }
    }

    /// <summary>The answer to a body that is no form.</summary>
    public static IResult Unreadable() => PublicPage.Notice("UnreadableHeading", "UnreadableLead", StatusCodes.Status400BadRequest, "UnreadableAction");
}
