using System.Globalization;

namespace InviteAdmin.Invites;

/// <summary>
/// How hard it is to hit a code by guessing. A random code is 12 symbols of 32, whatever stands before it, so there are S = 32^12 ≈ 1.15 × 10^18; with n of them valid a guess hits with
/// probability n / S, and the first hit takes S / n guesses on average (mean of the geometric distribution).
/// </summary>
public static class GuessOdds
{
    /// <summary>How fast the sentence lets somebody guess; the limits of sign-up let one address do far less.</summary>
    public const int GuessesPerSecond = 1_000;

    private const double SecondsPerYear = 365.25 * 24 * 60 * 60;

    /// <summary>S / n: guesses until the first hit, on average.</summary>
    public static double GuessesUntilHit(long codes) => Math.Pow(32, CodeText.Symbols) / Math.Max(1, codes);

    /// <summary>The odds of random codes, in a sentence.</summary>
    public static string OfRandom(long codes)
    {
        var guesses = GuessesUntilHit(codes);
        return $"One guess in {Words(guesses)} hits {(codes == 1 ? "it" : "one of them")}: at {GuessesPerSecond.ToString("N0", CultureInfo.InvariantCulture)} guesses a second that takes {Words(guesses / GuessesPerSecond / SecondsPerYear)} years on average.";
    }

    /// <summary>What protects a spelled-out word, which has no odds worth a number: people choose words that others think of too.</summary>
    public static string OfWord(int uses, int? days) =>
        $"A word can be guessed, overheard and passed on; only its limit of {uses.ToString("N0", CultureInfo.InvariantCulture)} {(uses == 1 ? "use" : "uses")}{(days is null ? "" : " and its end")} protect{(days is null ? "s" : "")} it.{(days is null ? " Give it an end." : "")}";

    // Three digits are as many as anybody takes in.
    private static string Words(double number)
    {
        string[] names = ["", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion"];
        var step = 0;
        for (; number >= 999.5 && step < names.Length - 1; step++)
        {
            number /= 1000;
        }

        return number.ToString(number >= 9.95 ? "0" : "0.#", CultureInfo.InvariantCulture) + names[step];
    }
}
