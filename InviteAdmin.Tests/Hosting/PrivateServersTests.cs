using System.Diagnostics;
using InviteAdmin.Hosting;
using InviteAdmin.Tests.Support;
using Npgsql;

namespace InviteAdmin.Tests.Hosting;

/// <summary>The promises of a start without connection strings, on the built app with real servers.</summary>
public sealed class PrivateServersTests : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private readonly ScratchFolder _data = new();

    private Dictionary<string, string> Settings => new() { ["INVITEADMIN_DATA"] = _data.Path };

    [Fact]
    public async Task Start_NewFolder_SaysWhereToGoAndStopsAllOfItInTime()
    {
        await using var app = await AppProcess.Start(Settings);

        Assert.Contains($"{app.Address}admin", app.Output);
        Assert.Contains("owner@example.com", app.Output);
        Assert.Contains("dev_", app.Output);
        Assert.Empty(app.Errors);
        var postgres = (await PrivatePostgres.Running(Path.Combine(_data.Path, "postgres"), default))!;

        var stopping = Stopwatch.StartNew();
        await app.Signal("TERM");
        Assert.Equal(0, await app.Exit());

        Assert.True(stopping.Elapsed < StopLimit, $"took {stopping.Elapsed}");
        await AssertNothingRuns(postgres);
    }

    [Fact]
    public async Task Start_AfterKill9_PicksUpWhatWasLeft()
    {
        await using (var killed = await AppProcess.Start(Settings))
        {
            await Execute("CREATE TABLE survives (answer int); INSERT INTO survives VALUES (42)");
            killed.Kill();
            await killed.Exit();
        }
        var before = await PrivatePostgres.Running(Path.Combine(_data.Path, "postgres"), default);

        await using var app = await AppProcess.Start(Settings);

        Assert.Equal(before, await PrivatePostgres.Running(Path.Combine(_data.Path, "postgres"), default));
        Assert.Equal(42, await Execute("SELECT answer FROM survives"));
        await app.Signal("TERM");
        await app.Exit();
        await AssertNothingRuns(before!);
    }

    [Fact]
    public async Task Start_FolderInUse_RefusesInOneSentenceWhileVerbsWorkBesideIt()
    {
        await using var app = await AppProcess.Start(Settings);

        await using var second = await AppProcess.Finish(Settings);
        await using var verb = await AppProcess.Finish(Settings, "migrate");
        await using var reset = await AppProcess.Finish(Settings, "reset", "--yes");

        Assert.Equal($"Another InviteAdmin (process {app.Id}) works in {_data.Path}: stop it, or set INVITEADMIN_DATA to another folder.", second.Errors.Trim());
        Assert.Equal(1, await second.Exit());
        Assert.Equal("The database is up to date.", verb.Output.Trim());
        Assert.Equal(1, await reset.Exit());
        await app.Ready();
    }

    [Fact]
    public async Task Start_StoppedHalfWay_LeavesNoServer()
    {
        await using var app = AppProcess.Begin(Settings);
        for (var waited = Stopwatch.StartNew(); !Directory.Exists(Path.Combine(_data.Path, "postgres.new")) && waited.Elapsed < StopLimit;) await Task.Delay(5);

        await app.Signal("INT");

        Assert.Equal(0, await app.Exit());
        Assert.Null(await PrivatePostgres.Running(Path.Combine(_data.Path, "postgres"), default));
        await using var again = await AppProcess.Start(Settings);
    }

    [Fact]
    public async Task Start_PortTaken_SaysSoInOneSentence()
    {
        var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var taken = $"http://{listener.LocalEndpoint}";

        await using var app = await AppProcess.Finish(new Dictionary<string, string>(Settings) { ["ASPNETCORE_URLS"] = taken });

        listener.Stop();
        Assert.Equal(1, await app.Exit());
        Assert.Equal($"The address {taken} is taken: stop what listens there, or choose another, for example ASPNETCORE_URLS=http://127.0.0.1:5081.", app.Errors.Trim());
        Assert.Empty(app.Output);
    }

    [Fact]
    public async Task Reset_Asked_DeletesOnlyOurs()
    {
        var note = Path.Combine(_data.Path, "note.txt");
        await File.WriteAllTextAsync(note, "mine");
        await using (var app = await AppProcess.Start(Settings))
        {
            app.Kill();
            await app.Exit();
        }

        await using var unsure = await AppProcess.Finish(Settings, "reset");
        Assert.Equal("Nothing was deleted.", unsure.Errors.Trim());
        await using var sure = await AppProcess.Finish(Settings, "reset", "--yes");

        Assert.Equal(0, await sure.Exit());
        Assert.False(Directory.Exists(Path.Combine(_data.Path, "postgres")));
        Assert.True(File.Exists(note));
    }

    public void Dispose() => _data.Dispose();

    private async Task<object?> Execute(string sql)
    {
        await using var source = NpgsqlDataSource.Create((await PrivatePostgres.Running(Path.Combine(_data.Path, "postgres"), default))!);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private async Task AssertNothingRuns(string postgres)
    {
        Assert.Null(await PrivatePostgres.Running(Path.Combine(_data.Path, "postgres"), default));
        Assert.Null(await PrivateRedis.Running(Path.Combine(_data.Path, "redis"), default));
        await Assert.ThrowsAsync<NpgsqlException>(async () => await new NpgsqlConnection(postgres + ";Pooling=false").OpenAsync());
    }
}
