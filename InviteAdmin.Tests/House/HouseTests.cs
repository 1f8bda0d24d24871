using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using InviteAdmin.Data;

namespace InviteAdmin.Tests.House;

/// <summary>Rules of the house that no analyzer checks.</summary>
public sealed partial class HouseTests
{
    private static readonly string Root = InviteAdmin.Hosting.Settings.Root() ?? throw new InvalidOperationException("The tests run from a build of the solution.");
    private static readonly string[] Projects = ["InviteAdmin", "InviteAdmin.Core", "InviteAdmin.Tests", "benchmarks"];

    [Fact]
    public void Code_AsksTheTime_OnlyOfTimeProvider() =>
        Assert.Empty(Sources().Where(f => !f.Contains("InviteAdmin.Tests", StringComparison.Ordinal) && RawClock().IsMatch(File.ReadAllText(f))).Select(Short));

    [Fact]
    public void Types_AreNamedForWhatTheyAre() =>
        Assert.Empty(Types().Where(t => VagueName().IsMatch(t.Name)).Select(t => t.FullName));

    [Fact]
    public void PublicTypes_SayInASentenceWhatTheyAre()
    {
        var undocumented = Types().Where(t => t.IsPublic && t.Name != "_Imports" && !t.IsNested && !typeof(Microsoft.AspNetCore.Components.IComponent).IsAssignableFrom(t))
            .GroupBy(t => t.Assembly).SelectMany(assembly =>
            {
                var documented = XDocument.Load(Path.ChangeExtension(assembly.Key.Location, ".xml")).Descendants("member")
                    .Where(m => m.Element("summary") is not null).Select(m => m.Attribute("name")!.Value).ToHashSet(StringComparer.Ordinal);
                return assembly.Where(t => !documented.Contains($"T:{t.FullName}"));
            });
        Assert.Empty(undocumented.Select(t => t.FullName));
    }

    [Fact]
    public void Files_StayShortEnoughToRead() =>
        Assert.Empty(Sources().Where(f => File.ReadLines(f).Count() > (f.Contains("InviteAdmin.Tests", StringComparison.Ordinal) ? 400 : 300)).Select(Short));

    [Fact]
    public void Code_HasNoUnfinishedMarks() => Assert.Empty(Sources().Where(f => Path.GetFileName(f) != "HouseTests.cs" && Unfinished().IsMatch(File.ReadAllText(f))).Select(Short));

    /// <summary>A defect that can no longer be planted proves nothing.</summary>
    [Fact]
    public void Mutants_EachOne_CanBePlanted()
    {
        var specs = Directory.GetFiles(Path.Combine(Root, "eng", "mutants"));
        Assert.NotEmpty(specs);
        Assert.All(specs, spec =>
        {
            var (file, was) = Mutant().Match(File.ReadAllText(spec)) is { Success: true } m ? (m.Groups[1].Value, m.Groups[2].Value) : throw new InvalidDataException(spec);
            Assert.True(File.ReadAllText(Path.Combine(Root, file)).Split(was).Length == 2, $"{Path.GetFileName(spec)}: its text does not stand in {file} exactly once.");
        });
    }

    private static IEnumerable<string> Sources() => Projects.Select(p => Path.Combine(Root, p)).Where(Directory.Exists)
        .SelectMany(p => Directory.EnumerateFiles(p, "*", SearchOption.AllDirectories))
        .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static IEnumerable<Type> Types() => ((Assembly[])[typeof(InviteAdminDb).Assembly, typeof(Program).Assembly]).SelectMany(a => a.GetTypes())
        .Where(t => t.Namespace?.StartsWith("InviteAdmin", StringComparison.Ordinal) == true && !t.Name.Contains('<', StringComparison.Ordinal));

    private static string Short(string file) => Path.GetRelativePath(Root, file);

    [GeneratedRegex(@"^file: (.+)\n--- was\n(.*?)\n--- is\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Mutant();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b")]
    private static partial Regex RawClock();

    [GeneratedRegex("(Manager|Helper|Helpers|Util|Utils|Service|Dto|Base|Impl)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b|Skip\s*=\s*""")]
    private static partial Regex Unfinished();
}
