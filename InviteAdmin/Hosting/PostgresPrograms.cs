namespace InviteAdmin.Hosting;

/// <summary>The PostgreSQL server programs installed on this machine, version 15 or later.</summary>
/// <param name="Folder">Where initdb, pg_ctl and postgres are.</param>
/// <param name="Version">The major version.</param>
public sealed record PostgresPrograms(string Folder, int Version)
{
    public const int OldestVersion = 15;

    /// <summary>Where Debian and Ubuntu, then Fedora and RHEL, install one folder per version.</summary>
    private static readonly string[] Places = ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"];

    public string this[string program] => Path.Combine(Folder, program);

    /// <summary>The programs that made an existing cluster, else the newest.</summary>
    public static PostgresPrograms Find(string cluster) => Choose(Installed(Places), Made(cluster), cluster);

    /// <summary>Chooses among what is installed; a cluster of another version than any of them cannot be opened.</summary>
    public static PostgresPrograms Choose(IReadOnlyCollection<PostgresPrograms> installed, int? made, string cluster)
    {
        if (made is { } version)
        {
            return installed.FirstOrDefault(p => p.Version == version) ?? throw new StartFailure(
                $"The database in {cluster} was made by PostgreSQL {version}, which is not installed: install it (apt-get install postgresql-{version}), or start over with ./run --reset.");
        }
        return installed.Where(p => p.Version >= OldestVersion).MaxBy(p => p.Version) ?? throw new StartFailure(installed.Count > 0
            ? $"PostgreSQL {installed.Max(p => p.Version)} is installed, but {OldestVersion} or later is needed: apt-get install postgresql-{OldestVersion}, or name a server in ConnectionStrings__Postgres."
            : $"PostgreSQL is not installed: apt-get install postgresql-{OldestVersion}, or name a server in ConnectionStrings__Postgres.");
    }

    public static IReadOnlyCollection<PostgresPrograms> Installed(IEnumerable<string> places) =>
    [
        .. from place in places
           let parts = place.Split('*')
           let parent = Path.GetDirectoryName(parts[0] + "x")!
           where Directory.Exists(parent)
           from folder in Directory.GetDirectories(parent)
           where folder.StartsWith(parts[0], StringComparison.Ordinal)
           let version = folder[parts[0].Length..]
           where int.TryParse(version, out _) && File.Exists(Path.Combine(folder + parts[1], "pg_ctl"))
           select new PostgresPrograms(folder + parts[1], int.Parse(version, System.Globalization.CultureInfo.InvariantCulture)),
    ];

    private static int? Made(string cluster) =>
        File.Exists(Path.Combine(cluster, "PG_VERSION")) ? int.Parse(File.ReadAllText(Path.Combine(cluster, "PG_VERSION")), System.Globalization.CultureInfo.InvariantCulture) : null;
}
