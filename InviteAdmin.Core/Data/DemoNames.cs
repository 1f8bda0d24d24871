using System.Globalization;

namespace InviteAdmin.Data;

/// <summary>Names and addresses of the demo: a first name and a letter, at example.com.</summary>
internal static class DemoNames
{
    private static readonly string[] First =
        ["Ada", "Ben", "Cleo", "Dara", "Eli", "Finn", "Gia", "Hugo", "Ines", "Jun", "Kai", "Lena", "Mara", "Nils", "Ola", "Pia", "Quin", "Rosa", "Sam", "Tara", "Uma", "Vera", "Wim", "Yara", "Zoe"];

    public static string Name(int number) => $"{First[number * 7 % First.Length]} {(char)('A' + (number % 26))}.";

    public static string Mailbox(int number) => string.Create(CultureInfo.InvariantCulture, $"{First[number * 7 % First.Length].ToLowerInvariant()}.{number:0000}@example.com");
}
