using System.Security.Cryptography;
using System.Text;

namespace InviteAdmin.Hosting;

/// <summary>Who a PostgreSQL server runs as: ourselves, or another user when we are root, which PostgreSQL refuses to be.</summary>
/// <param name="Name">A user's name or number; null for ourselves.</param>
/// <param name="Group">Its group, likewise.</param>
public sealed record ServerUser(string? Name, string? Group)
{
    private static readonly ServerUser Ourselves = new(null, null);

    private const string Home = "/var/lib/postgresql";

    /// <summary>Goes before a command; setpriv becomes the command, so that signals and exit codes are the command's.</summary>
    public IEnumerable<string> Prefix => Name is null ? [] : ["setpriv", $"--reuid={Name}", $"--regid={Group}", "--clear-groups", "--"];

    public static ServerUser ForNewCluster() => !Environment.IsPrivilegedProcess ? Ourselves
        : File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal)) ? new("postgres", "postgres")
        : throw new StartFailure("PostgreSQL does not run as root and there is no user postgres to run it as: start InviteAdmin as another user, or apt-get install postgresql-15, which makes that user.");

    /// <summary>An existing cluster goes on running as its owner.</summary>
    public static async Task<ServerUser> OwnerOf(string cluster, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess) return Ourselves;
        var (_, owner) = await Command.Run(["stat", "-c", "%u %g", cluster], cancel);
        return owner.Trim().Split(' ') is [var user, var group] ? new(user, group) : ForNewCluster();
    }

    public async Task<bool> CanReach(string folder, CancellationToken cancel) =>
        Name is null || (await Command.Run([.. Prefix, "test", "-x", folder], cancel)).ExitCode == 0;

    /// <summary>Where a cluster lives when its user may not enter the folder it was meant for, as under /root.</summary>
    public string HomeFor(string folder) => Directory.Exists(Home)
        ? Path.Combine(Home, "inviteadmin-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..12])
        : throw new StartFailure($"The user {Name}, which PostgreSQL runs as, may not enter {Path.GetDirectoryName(folder)}: set INVITEADMIN_DATA to a folder it may enter.");

    public async Task Own(string folder, CancellationToken cancel)
    {
        if (Name is not null) await Command.Run(["chown", "-R", $"{Name}:{Group}", folder], cancel);
    }
}
