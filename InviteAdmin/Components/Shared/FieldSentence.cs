using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Shared;

/// <summary>The sentence beside a field that is wrong.</summary>
public static class FieldSentence
{
    /// <param name="field">The field's name in the use case's refusal.</param>
    public static RenderFragment? Of(Invalid? refusal, string field) => refusal?.Fields.TryGetValue(field, out var sentence) == true
        ? builder =>
        {
            builder.OpenElement(0, "span");
            builder.AddAttribute(1, "class", "wrong");
            builder.AddAttribute(2, "role", "alert");
            builder.AddContent(3, sentence);
            builder.CloseElement();
        }
        : null;
}
