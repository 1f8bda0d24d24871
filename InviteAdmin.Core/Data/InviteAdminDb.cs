using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Data;

/// <summary>The database: one instance per operation, made by the factory.</summary>
public sealed class InviteAdminDb(DbContextOptions<InviteAdminDb> options) : DbContext(options);
