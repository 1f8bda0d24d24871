using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace InviteAdmin.Hosting;

/// <summary>Checks the PostgreSQL somebody named, so that what is wrong with it is said before anything else fails on it.</summary>
public static class GivenPostgres
{
    private const string Key = "ConnectionStrings:Postgres";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Returns once the server lets us in and is new enough; a server that is still starting gets a few seconds.</summary>
    public static async Task Check(string connectionString, CancellationToken cancel)
    {
        var builder = Parse(connectionString);
        await using var source = NpgsqlDataSource.Create(builder);
        var where = $"PostgreSQL at {builder.Host}:{builder.Port.ToString(CultureInfo.InvariantCulture)}";
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(250, cancel))
        {
            try
            {
                await using var version = source.CreateCommand("SELECT current_setting('server_version_num')::int");
                RequireVersion((int)(await version.ExecuteScalarAsync(cancel))!, where);
                return;
            }
            catch (NpgsqlException fault) when (MayPass(fault) && waited.Elapsed < Patience)
            {
                // Try again.
            }
            catch (NpgsqlException fault)
            {
                throw new StartFailure(Why(fault, where, builder), fault);
            }
        }
    }

    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connectionString);
            return builder.Host is { Length: > 0 } ? builder : throw new FormatException("it names no Host");
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new StartFailure($"{Key} cannot be read ({fault.Message.TrimEnd('.')}): write it like Host=db.example;Database=inviteadmin;Username=inviteadmin;Password=….", fault);
        }
    }

    public static void RequireVersion(int serverVersion, string where)
    {
        if (serverVersion / 10_000 < PostgresPrograms.OldestVersion)
            throw new StartFailure($"{where} is version {serverVersion / 10_000}, but {PostgresPrograms.OldestVersion} or later is needed: upgrade it, or name another server in {Key}.");
    }

    private static bool MayPass(NpgsqlException fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } || fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };

    private static string Why(NpgsqlException fault, string where, NpgsqlConnectionStringBuilder builder) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            $"{where} refused the user {builder.Username}: correct Username and Password in {Key}.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"{where} has no database {builder.Database ?? builder.Username}: create it (createdb), or correct Database in {Key}.",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            $"{where} has no connection left for us: raise its max_connections, or lower Maximum Pool Size in {Key}.",
        PostgresException other => $"{where} says “{other.MessageText}”: mend that, or name another server in {Key}.",
        { InnerException: SocketException socket } => $"{where} does not answer ({socket.Message}): start it, or correct Host and Port in {Key}.",
        _ => $"{where} does not answer ({(fault.InnerException ?? fault).Message.TrimEnd('.')}): start it, or correct {Key}.",
    };
}
