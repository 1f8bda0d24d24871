using System.Buffers.Binary;
using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Brand;

public sealed class ChangeBrandTests : IAsyncLifetime
{
    private static readonly BrandValues Acme = new("Acme", "#FA0", "https://www.example.com/privacy", null, new("Be first", null, "Come along"), new());
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Brand_SavedWithALogo_HoldsInEveryProcessAndStandsInTheRecord()
    {
        await using var other = new Product(_database);
        Assert.Equal(("InviteAdmin", null, null), Short(await Now(other)));

        var saved = (await Save(_product, Acme, (await Read(_product)).Version)).Must();
        var logo = (await Do(x => x.SaveLogo(Product.Owner, Pictures.Png(64, 32), default))).Must();

        Assert.Equal(Acme with { Accent = "#ffaa00" }, saved.Saved);
        Assert.Equal(("image/png", 64, 32), (logo.MediaType, logo.Width, logo.Height));
        await WaitFor.True(async () => Short(await Now(other)) == ("Acme", "#ffaa00", logo.Hash));
        var look = await Now(other);
        Assert.Equal(("#000000", "Be first", null), (look.Colour!.OnFill, look.Texts("en").Headline, look.Texts("de").Headline));
        Assert.Equal($"https://invite.example.com/brand/logo/{logo.Hash}", look.LogoLink(other.One<Links>()));
        Assert.Equal(Pictures.Png(64, 32), (await other.One<BrandRules>().Logo(default))!.Value.Bytes);

        // The same picture again is no change; without one, a removal is none.
        (await Do(x => x.SaveLogo(Product.Owner, Pictures.Png(64, 32), default))).Must();
        Assert.True((await Do(x => x.RemoveLogo(Product.Owner, default))).Must());
        Assert.False((await Do(x => x.RemoveLogo(Product.Owner, default))).Must());
        Assert.Null((await Now(_product)).Logo);
        Assert.Equal("settings.brand,settings.logo,settings.logo", await _database.Scalar<string>("SELECT string_agg(action, ',' ORDER BY id) FROM audit_log WHERE action LIKE 'settings.%'"));
        Assert.Equal("Acme", await _database.Scalar<string>("SELECT after->>'name' FROM audit_log WHERE action = 'settings.brand'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Save_StaleLockedOrWrong_ChangesNothingOfIt()
    {
        var version = (await Read(_product)).Version;
        (await Save(_product, Acme, version)).Must();
        Assert.IsType<StaleEdit>((await Save(_product, Acme with { Name = "Other" }, version)).Failure);

        await using var configured = new Product(_database, ("App:ProductName", "Configured"));
        var facts = await Read(configured);
        Assert.Equal(("Configured", "App__ProductName"), (facts.Name, facts.NameSetBy));
        Assert.Equal("Acme", (await Save(configured, Acme with { Name = "Sneaked in" }, facts.Version)).Must().Saved.Name);

        var wrong = Assert.IsType<Invalid>((await Save(
            _product, new(new('x', 61), "blue", "javascript:alert(1)", "www.example.com", new(new('x', 121), "two\nlines", null), new(null, null, "\u202Egnp")), (await Read(_product)).Version)).Failure);
        Assert.Equal(["accent", "englishHeadline", "englishLead", "germanShare", "imprintUrl", "name", "privacyUrl"], wrong.Fields.Keys.Order());
        Assert.Equal("A colour is written as in #1b5fae.", wrong.Fields["accent"]);
        Assert.Equal(Acme with { Accent = "#ffaa00" }, (await Read(_product)).Saved);
    }

    [Fact]
    public void LogoFile_OfEachKind_IsKnownByItsBytesAlone()
    {
        Assert.Equal(("image/png", 640, 480), Facts(Pictures.Png(640, 480)));
        Assert.Equal(("image/jpeg", 300, 200), Facts(Pictures.Jpeg(300, 200)));
        Assert.Equal(("image/webp", 1024, 768), Facts(Pictures.WebP("VP8X", 1024, 768)));
        Assert.Equal(("image/webp", 1024, 768), Facts(Pictures.WebP("VP8L", 1024, 768)));
        Assert.Equal(("image/webp", 1024, 768), Facts(Pictures.WebP("VP8 ", 1024, 768)));
        static (string, int, int) Facts(byte[] file) => LogoFile.TryRead(file, out var facts, out _) ? facts : default;
    }

    [Fact]
    public async Task SaveLogo_NotAPictureOrTooLarge_SaysWhy()
    {
        byte[][] others = ["<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"u8.ToArray(), "GIF89a\x1\0\x1\0\0\0\0"u8.ToArray(), "<!doctype html><script>"u8.ToArray(), [0xFF, 0xD8, 0xFF], [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 0, 0], Pictures.Png(1, 1)[..20]];
        foreach (var file in others)
        {
            Assert.Equal("The logo must be a PNG, JPEG or WebP picture.", await Refusal(file));
        }

        Assert.Equal("The file is empty.", await Refusal([]));
        Assert.Equal("The logo may have at most 256 KB.", await Refusal([.. Pictures.Png(1, 1), .. new byte[LogoFile.MostBytes]]));
        Assert.Equal("The logo may be at most 4,096 pixels wide and high.", await Refusal(Pictures.Png(4_097, 10)));
        Assert.Equal("The logo may be at most 4,096 pixels wide and high.", await Refusal(Pictures.Png(int.MaxValue, 10)));
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM brand_logo"));

        async Task<string?> Refusal(byte[] file) => (await Do(x => x.SaveLogo(Product.Owner, file, default))).Failure?.Detail;
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static (string, string?, string?) Short(BrandLook look) => (look.Name, look.Colour?.Fill, look.Logo?.Hash);

    private static async Task<BrandLook> Now(Product product) => await product.One<BrandRules>().Now(default);

    private static Task<BrandFacts> Read(Product product) => product.Do<ChangeBrand, BrandFacts>(x => x.Read(default));

    private static Task<Outcome<BrandFacts>> Save(Product product, BrandValues wanted, uint version) => product.Do<ChangeBrand, Outcome<BrandFacts>>(x => x.Save(Product.Owner, wanted, version, default));

    private Task<T> Do<T>(Func<ChangeBrand, Task<T>> call) => _product.Do(call);
}

/// <summary>The beginnings of pictures, which is all that is read of them.</summary>
internal static class Pictures
{
    public static byte[] Png(int width, int height)
    {
        byte[] file = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, .. "IHDR"u8, .. new byte[8], 8, 6, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), height);
        return file;
    }

    // An application segment stands before the frame.
    public static byte[] Jpeg(int width, int height)
    {
        byte[] file = [0xFF, 0xD8, 0xFF, 0xE0, 0, 6, 1, 2, 3, 4, 0xFF, 0xC2, 0, 17, 8, 0, 0, 0, 0, 3, .. new byte[9]];
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(15), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(17), (ushort)width);
        return file;
    }

    public static byte[] WebP(string kind, int width, int height)
    {
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. kind.Select(c => (byte)c), .. new byte[24]];
        switch (kind)
        {
            case "VP8X":
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), width - 1);
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(27), height - 1);
                break;
            case "VP8L":
                file[20] = 0x2F;
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(21), (uint)((width - 1) | ((height - 1) << 14)));
                break;
            default:
                (file[23], file[24], file[25]) = (0x9D, 0x01, 0x2A);
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(26), (ushort)width);
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(28), (ushort)height);
                break;
        }

        return file;
    }
}
