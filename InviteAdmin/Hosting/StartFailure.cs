using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Hosting;

/// <summary>Why the app cannot start, as a sentence for the person who started it that says what to do.</summary>
public sealed partial class StartFailure(string sentence, Exception? cause = null) : Exception(sentence, cause)
{
    private const int NoSpaceLeft = 28;
    private const int ReadOnlyFileSystem = 30;

    /// <summary>The sentence for a failure that a person can mend, or null for a fault of ours, which keeps its stack trace.</summary>
    public static string? Sentence(Exception fault) => fault switch
    {
        StartFailure failure => failure.Message,
        OptionsValidationException wrong => string.Join(Environment.NewLine, wrong.Failures),
        AggregateException many when many.InnerExceptions.All(e => e is OptionsValidationException) =>
            string.Join(Environment.NewLine, many.InnerExceptions.Select(Sentence)),
        InvalidDataException or FormatException when fault.Message.Contains("configuration", StringComparison.Ordinal) =>
            $"{fault.Message.TrimEnd('.')}: {Innermost(fault).Message}",
        IOException { InnerException: AddressInUseException } taken => PortTaken(taken),
        AddressInUseException taken => PortTaken(taken),
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            "The address in ASPNETCORE_URLS needs rights this user does not have: choose a port above 1023, for example http://127.0.0.1:5080.",
        FormatException when fault.Message.StartsWith("Invalid url", StringComparison.Ordinal) =>
            $"ASPNETCORE_URLS holds no address the app can listen on ({fault.Message.TrimEnd('.')}): write it like http://127.0.0.1:5080.",
        UnauthorizedAccessException => Denied(fault.Message),
        IOException { HResult: NoSpaceLeft } => NoSpace(null),
        IOException { HResult: ReadOnlyFileSystem } => Denied(fault.Message),
        _ => null,
    };

    public static string NoSpace(string? folder) =>
        $"The disk that holds {folder ?? "the data"} is full: free some space, or set INVITEADMIN_DATA to a folder on another disk.";

    public static string Denied(string what) =>
        $"{what.TrimEnd('.')}: give this user rights to it, or set INVITEADMIN_DATA to a folder it owns.";

    private static string PortTaken(Exception taken) =>
        $"{Address().Match(taken.Message) switch { { Success: true } a => $"The address {a.Value}", _ => "The address in ASPNETCORE_URLS" }} is taken: stop what listens there, or choose another, for example ASPNETCORE_URLS=http://127.0.0.1:5081.";

    private static Exception Innermost(Exception fault) => fault.InnerException is { } inner ? Innermost(inner) : fault;

    [GeneratedRegex(@"https?://[^\s]+?(?=[:.]?(\s|$))")]
    private static partial Regex Address();
}
