using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace InviteAdmin.Data;

/// <summary>
/// Named places at which a test run can kill this process, stall it, hold it or make it fail: before and after every commit of a transaction,
/// every call to Redis that a request waits for and every mail handed to a server. Each is named by the flow that passes it and its place, like
/// <c>JoinWaitlist.before-commit</c>. Off, and no more than a look at a null, unless a test armed it.
/// </summary>
public static class FaultPoints
{
    public const string BeforeCommit = "before-commit";
    public const string AfterCommit = "after-commit";
    public const string BeforeRedis = "before-redis";
    public const string AfterRedis = "after-redis";
    public const string BeforeSmtp = "before-smtp";
    public const string AfterSmtp = "after-smtp";

    public static readonly IReadOnlyList<string> All = [BeforeCommit, AfterCommit, BeforeRedis, AfterRedis, BeforeSmtp, AfterSmtp];

    private static FaultPlan? _plan;

    /// <summary>Follows the plan in this file from now on; null ends it. Only an app in Development and tests call this.</summary>
    public static FaultPlan? Arm(string? file) => _plan = string.IsNullOrEmpty(file) ? null : new FaultPlan(file);

    /// <param name="point">One of <see cref="All"/>.</param>
    /// <param name="flow">Who passes it: the use case's name, or the path of its file.</param>
    public static Task Pass(string point, [CallerFilePath] string flow = "") => _plan is { } plan ? plan.Pass($"{Path.GetFileNameWithoutExtension(flow)}.{point}") : Task.CompletedTask;
}

/// <summary>
/// What a test wants to happen at which points: lines like <c>JoinWaitlist.before-commit kill 3</c>, where 3 means the third
/// passage of this process (the first without it). <c>kill</c> is SIGKILL, <c>throw</c> a <see cref="TimeoutException"/>, <c>hold</c> waits until the
/// line is gone, <c>slow</c> holds every passage up for 100 ms. The file may be rewritten at any time (a fourth word makes a line another one); a line that came true is added to the file's <c>.met</c> companion.
/// </summary>
public sealed class FaultPlan(string file)
{
    private readonly ConcurrentDictionary<string, int> _passages = new(StringComparer.Ordinal);

    /// <summary>How often each point was passed since the plan was armed.</summary>
    public IReadOnlyDictionary<string, int> Passages => _passages;

    internal async Task Pass(string name)
    {
        _passages.AddOrUpdate(name, 1, (_, n) => n + 1);
        foreach (var line in Lines().Where(l => l.StartsWith(name + " ", StringComparison.Ordinal)))
        {
            var words = line.Split(' ');
            var passage = _passages.AddOrUpdate(line, 1, (_, n) => n + 1);
            if (words[1] == "slow")
            {
                await Task.Delay(100);
            }
            else if (passage == (words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 1))
            {
                await ComeTrue(line, words[1]);
            }
        }
    }

    private async Task ComeTrue(string line, string action)
    {
        await File.AppendAllTextAsync(file + ".met", line + "\n");
        switch (action)
        {
            case "kill":
                using (var self = Process.GetCurrentProcess())
                {
                    self.Kill();
                }

                await Task.Delay(Timeout.Infinite);
                break;
            case "hold":
                while (Lines().Contains(line, StringComparer.Ordinal))
                {
                    await Task.Delay(10);
                }

                break;
            case "throw":
                throw new TimeoutException($"Wanted: {line}");
            default:
                throw new InvalidOperationException($"No fault is called {action}.");
        }
    }

    private string[] Lines() => File.Exists(file) ? File.ReadAllLines(file) : [];
}
