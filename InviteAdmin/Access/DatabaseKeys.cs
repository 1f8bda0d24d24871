using System.Xml.Linq;
using InviteAdmin.Data;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Access;

/// <summary>Keeps the keys of Data Protection in PostgreSQL, because a cookie made by one process is read by another. No package that does so is served.</summary>
public sealed class DatabaseKeys(IServiceProvider services) : IXmlRepository
{
    // Asked for late: the pipeline is built before a private PostgreSQL has been started.
    private InviteAdminDb Open() => services.GetRequiredService<IDbContextFactory<InviteAdminDb>>().CreateDbContext();

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = Open();
        return [.. db.DataProtectionKeys.AsNoTracking().OrderBy(k => k.Id).Select(k => k.Xml).AsEnumerable().Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = Open();
        db.DataProtectionKeys.Add(new() { FriendlyName = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        db.SaveChanges();
    }
}
