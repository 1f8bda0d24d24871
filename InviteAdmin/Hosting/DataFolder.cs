using System.Globalization;

namespace InviteAdmin.Hosting;

/// <summary>The folder of the private servers; the first process to open it owns it until it ends, however it ends.</summary>
public sealed class DataFolder : IDisposable
{
    private const int WouldBlock = 11;
    private readonly FileStream? _lock;

    private DataFolder(string path, FileStream? taken) => (Path, _lock) = (path, taken);

    public string Path { get; }

    /// <summary>Whether this process owns the folder, and so starts and stops its servers.</summary>
    public bool Owned => _lock is not null;

    public string Postgres => System.IO.Path.Combine(Path, "postgres");

    public string Redis => System.IO.Path.Combine(Path, "redis");

    /// <summary><c>INVITEADMIN_DATA</c>, or <c>.data</c> beside the solution, or in the current folder where there is none.</summary>
    public static string Locate(string? configured, string? root) => System.IO.Path.GetFullPath(
        string.IsNullOrWhiteSpace(configured) ? System.IO.Path.Combine(root ?? Environment.CurrentDirectory, ".data") : configured);

    /// <summary>Takes the folder, or opens it without owning it while another process does.</summary>
    public static DataFolder Open(string path)
    {
        Directory.CreateDirectory(path);
        try
        {
            // FileShare.None is an advisory lock of the kernel: a kill -9 frees it. Nobody can read a locked file, so the owner's number has its own.
            var taken = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(OwnerFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new(path, taken);
        }
        catch (IOException fault) when (fault.HResult == WouldBlock)
        {
            return new(path, null);
        }
    }

    /// <summary>The process that owns the folder.</summary>
    public string Owner => File.Exists(OwnerFile(Path)) ? File.ReadAllText(OwnerFile(Path)) : "?";

    /// <summary>Deletes what the servers keep here and nothing else, wherever a folder of theirs is a link to.</summary>
    public void Clear()
    {
        foreach (var folder in new[] { Postgres, Postgres + ".new", Redis }.Select(f => new DirectoryInfo(f)))
        {
            if (folder.LinkTarget is null)
            {
                if (folder.Exists) folder.Delete(recursive: true);
                continue;
            }
            if (folder.ResolveLinkTarget(true) is DirectoryInfo { Exists: true } target) target.Delete(recursive: true);
            File.Delete(folder.FullName);
        }
        File.Delete(PrivatePostgres.PasswordFile(Postgres));
    }

    public void Dispose() => _lock?.Dispose();

    private static string OwnerFile(string path) => System.IO.Path.Combine(path, "owner.pid");
}
