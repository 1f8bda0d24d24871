using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

Console.WriteLine("This project only lends its packages to `dotnet ef`.");

/// <summary>Builds the context for `dotnet ef`, which compares models and never connects.</summary>
internal sealed class DesignTimeDb : IDesignTimeDbContextFactory<InviteAdminDb>
{
    public InviteAdminDb CreateDbContext(string[] args) => new(
        new DbContextOptionsBuilder<InviteAdminDb>()
            .UseNpgsql(Environment.GetEnvironmentVariable("ConnectionStrings__Postgres") ?? "Host=localhost", npgsql => npgsql.MigrationsAssembly("InviteAdmin.Migrations"))
            .Options);
}
