using InviteAdmin.Outbox;

namespace InviteAdmin.Components.Pages.Outbox;

/// <summary>What the dashboard calls each template.</summary>
public static class MailNames
{
    public static string Of(string template) => template == "test" ? "Test" : MailDefaults.Find(template)?.Title ?? template;
}
