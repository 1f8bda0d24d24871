using Npgsql;

namespace InviteAdmin.Data;

/// <summary>Tells the database's absence, which passes by itself, from a fault of ours.</summary>
public static class Absence
{
    /// <summary>Whether the same call may well succeed when it is made again in a moment.</summary>
    public static bool MayPass(Exception fault) => fault is NpgsqlException { IsTransient: true } or TimeoutException
        || fault is NpgsqlException and not PostgresException
        // What the driver throws when a connection that broke under one command is met by the next.
        || fault is ObjectDisposedException { ObjectName: "System.Threading.ManualResetEventSlim" or "NpgsqlTransaction" or "NpgsqlConnection" }
        || fault is InvalidOperationException { Source: "Npgsql" } || (fault.InnerException is { } inner && MayPass(inner));
}
