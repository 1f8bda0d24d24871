using System.Security.Cryptography;
using System.Text;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>The keyed hash an address is remembered by when the address itself may not be kept. The key is the installation's own.</summary>
public sealed class EmailHash(NpgsqlDataSource source)
{
    private byte[]? _key;

    public async ValueTask<byte[]> Of(string canonicalEmail, CancellationToken cancel) =>
        HMACSHA256.HashData(_key ??= await ReadKey(cancel), Encoding.UTF8.GetBytes(canonicalEmail));

    private async Task<byte[]> ReadKey(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<byte[]>("SELECT hash_key FROM installation", cancel)
            ?? throw new InvalidOperationException("The installation row is missing; run the migrations.");
    }
}
