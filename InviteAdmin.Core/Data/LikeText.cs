namespace InviteAdmin.Data;

/// <summary>Text that somebody typed as part of a LIKE pattern, where it stands for itself.</summary>
public static class LikeText
{
    public static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
