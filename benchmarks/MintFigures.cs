using System.Globalization;
using InviteAdmin.Campaigns;
using InviteAdmin.Invites;
using InviteAdmin.Results;

namespace InviteAdmin.Benchmarks;

/// <summary>A campaign of 100,000 codes, against COPY of rows made beforehand.</summary>
internal static class MintFigures
{
    private const int Codes = 100_000;
    private const int Pairs = 9;

    public static async Task Run(Lab lab)
    {
        var launch = await lab.NewLaunch(0);
        await launch.Execute("INSERT INTO campaigns (public_id, slug, name, codes, max_uses_each, created_by) VALUES ('cp_limit', 'limit', 'Limit', 1, 1, 'Limit')");
        await using var psql = await Psql.Open(launch.Connection);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var pair = -1; pair < Pairs; pair++)
        {
            var file = lab.PathOf("codes.txt");
            await File.WriteAllLinesAsync(file, CodeText.New(Codes).Select(c => $"{c}\t{CodeText.Show(c)}\tcampaign\t1\t1"));
            var our = await Figures.Time(async () => (await launch.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Lab.Owner, new MintRequest("Autumn", Codes, 1), CancellationToken.None))).Must());
            var their = await psql.Run($"\\copy invite_codes (code, shown, kind, campaign_id, max_uses) FROM '{file}'");
            if (pair < 0) continue;
            ours.Add(our);
            theirs.Add(their);
        }

        Figures.Say("| codes | ours, ms (middle half) | COPY, ms | ratio | n each |\n|---|---|---|---|---|");
        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {Codes:N0} | {Figures.Of(ours)} | {Figures.Of(theirs)} | {Figures.Ratio(ours, theirs)} | {Pairs} |"));
    }
}
