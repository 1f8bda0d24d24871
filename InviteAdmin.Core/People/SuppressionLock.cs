using System.Buffers.Binary;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>The lock on one address at which suppressing it and sending to it meet: shared by a mail that asks whether it may leave, held alone by whoever suppresses.</summary>
internal static class SuppressionLock
{
    /// <summary>The lock's number: the first bytes of the hash.</summary>
    public static long Of(byte[]? hash) => hash is { Length: >= 8 } ? BinaryPrimitives.ReadInt64BigEndian(hash) : 0;

    public static Task Take(NpgsqlConnection connection, byte[] hash, CancellationToken cancel) => connection.Execute("SELECT pg_advisory_xact_lock($1)", cancel, Of(hash));
}
