using InviteAdmin.Hosting;
using InviteAdmin.Tests.Support;
using Npgsql;

namespace InviteAdmin.Tests.Hosting;

/// <summary>Whatever is wrong with what was configured is said at the start, once, in a sentence that says what to do.</summary>
public sealed class GivenServersTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private const string Key = "ConnectionStrings__Postgres";

    [Fact]
    public async Task Start_WrongPassword_NamesTheUserAndTheKey() => Assert.Equal(
        $"PostgreSQL at 127.0.0.1:{Given.Port} refused the user inviteadmin: correct Username and Password in ConnectionStrings:Postgres.",
        await FailedStart(new() { [Key] = With(c => c.Password = "wrong") }));

    [Fact]
    public async Task Start_UnknownDatabase_NamesIt() => Assert.Equal(
        $"PostgreSQL at 127.0.0.1:{Given.Port} has no database nowhere: create it (createdb), or correct Database in ConnectionStrings:Postgres.",
        await FailedStart(new() { [Key] = With(c => c.Database = "nowhere") }));

    [Fact]
    public async Task Start_NobodyListens_SaysWhere()
    {
        var port = FreePort.Next();
        Assert.Equal(
            $"PostgreSQL at 127.0.0.1:{port} does not answer (Connection refused): start it, or correct Host and Port in ConnectionStrings:Postgres.",
            await FailedStart(new() { [Key] = With(c => c.Port = port) }));
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("Servre=x")]
    [InlineData("Database=x")]
    public async Task Start_UnreadableConnectionString_NamesTheKey(string text)
    {
        var said = await FailedStart(new() { [Key] = text });
        Assert.StartsWith("ConnectionStrings:Postgres cannot be read (", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
    }

    [Fact]
    public async Task Start_UnreadableRedis_NamesTheKey() => Assert.StartsWith(
        "ConnectionStrings:Redis cannot be read (", await FailedStart(new() { ["ConnectionStrings__Redis"] = "localhost,defaultDatabase=many" }), StringComparison.Ordinal);

    [Fact]
    public async Task Start_ProductionWithoutServers_AsksForThem() => Assert.Equal(
        "ConnectionStrings:Postgres is not set: name the server in ConnectionStrings__Postgres, or start with ./run, which brings one.",
        await FailedStart(new() { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["App__PublicUrl"] = "https://invite.example", [Key] = "" }));

    [Fact]
    public async Task Start_ProductionWithDevelopmentSecretsAndMore_SaysAllAtOnce()
    {
        var said = await FailedStart(new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Api__DevelopmentKey"] = "short",
            ["Staff__Development__0__email"] = "owner@example.com",
            ["Staff__Development__0__password"] = "short",
            ["Staff__Development__0__role"] = "Owner",
        });

        Assert.Contains("Api:DevelopmentKey is for Development alone", said);
        Assert.Contains("Api:DevelopmentKey must have 24 characters or more", said);
        Assert.Contains("Staff:Development holds passwords that are for Development alone", said);
        Assert.Contains("Staff:Development:0:Password must have 12 characters or more", said);
    }

    [Fact]
    public async Task Start_UnknownVerb_ListsThem() => Assert.Equal(
        "There is no verb “fly away”: use one of serve, migrate, check, staff create, keys create, import, export, reset, help.",
        await FailedStart([], "fly", "away"));

    [Fact]
    public void RequireVersion_Fourteen_Refuses()
    {
        var failure = Assert.Throws<StartFailure>(() => GivenPostgres.RequireVersion(140_012, "PostgreSQL at db:5432"));
        Assert.Equal("PostgreSQL at db:5432 is version 14, but 15 or later is needed: upgrade it, or name another server in ConnectionStrings:Postgres.", failure.Message);
        GivenPostgres.RequireVersion(150_000, "");
    }

    [Fact]
    public void Choose_NothingInstalled_SaysWhatToInstall()
    {
        var failure = Assert.Throws<StartFailure>(() => PostgresPrograms.Choose(PostgresPrograms.Installed(["/nowhere/*/bin"]), made: null, "/data"));
        Assert.Equal("PostgreSQL is not installed: apt-get install postgresql-15, or name a server in ConnectionStrings__Postgres.", failure.Message);
    }

    [Theory]
    [InlineData(null, 16)]
    [InlineData(15, 15)]
    public void Choose_Several_TakesTheClustersOwnElseTheNewest(int? made, int expected) =>
        Assert.Equal(expected, PostgresPrograms.Choose([new("/14", 14), new("/15", 15), new("/16", 16)], made, "/data").Version);

    [Fact]
    public void Sentence_DiskFull_SaysWhatToDo() => Assert.Equal(
        "The disk that holds the data is full: free some space, or set INVITEADMIN_DATA to a folder on another disk.",
        StartFailure.Sentence(new IOException("No space left on device", 28)));

    private NpgsqlConnectionStringBuilder Given => new(database.Postgres);

    private string With(Action<NpgsqlConnectionStringBuilder> change)
    {
        var changed = Given;
        change(changed);
        return changed.ConnectionString;
    }

    private Dictionary<string, string> Settings(Dictionary<string, string> wrong)
    {
        var settings = new Dictionary<string, string>(database.Settings);
        foreach (var (key, value) in wrong) settings[key] = value;
        return settings;
    }

    private async Task<string> FailedStart(Dictionary<string, string> wrong, params string[] arguments)
    {
        await using var app = await AppProcess.Finish(Settings(wrong), arguments);
        Assert.Equal(1, await app.Exit());
        Assert.DoesNotContain("   at ", app.Errors);
        return app.Errors.Trim();
    }
}
