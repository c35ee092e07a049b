using System.Text.Json.Nodes;
using System.Xml.Linq;
using LexyHub.Cli;
using LexyHub.Core.Tests.Clusters;
using LexyHub.Core.Tests.Infrastructure;
using static LexyHub.Core.Tests.Clusters.ClusterHost;

namespace LexyHub.Core.Tests.Cli;

/// <summary><c>lexyhub clusters</c> over clusters that a rebuild made.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class ClustersCommandTests(VectorPostgres postgres)
{
    [Fact]
    public async Task Clusters_Rebuilt_ListsTheLargestFirst()
    {
        await using var host = await RebuiltAsync();
        var cli = Cli(host);

        Assert.Equal(ExitCode.Done, await cli.RunAsync("clusters", "--market", "us", "--count", "2"));

        var lines = cli.Out.ToString().Split('\n').Where(line => line.Contains(" us ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Matches(@"^ *[0-9a-f]{8} +gold +us +8 +0\.500 +0\.\d{3} *$", lines[0]);
        Assert.Matches(@"^ *[0-9a-f]{8} +wool +us +6 +- +0\.\d{3} *$", lines[1]);
    }

    [Fact]
    public async Task Clusters_None_SaysWhatMakesThem()
    {
        await using var host = await CreateAsync(postgres);
        var cli = Cli(host);

        Assert.Equal(ExitCode.Done, await cli.RunAsync("clusters"));

        Assert.Contains("lexyhub run embed-missing rebuild-clusters", cli.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_BeginningOfAnId_ShowsItsKeywordsAndWhereItCameFrom()
    {
        await using var host = await RebuiltAsync();
        var cli = Cli(host);
        var id = await host.Jobs.QueryAsync<Guid>("select id from concept_clusters where label = 'gold'");

        Assert.Equal(ExitCode.Done, await cli.RunAsync("clusters", "show", $"{id}"[..13], "--count", "3"));

        var said = cli.Out.ToString();
        Assert.Contains($"gold  ({id}, market us)", said, StringComparison.Ordinal);
        Assert.Contains("8 members, cohesion 0.", said, StringComparison.Ordinal);
        Assert.Equal(3, said.Split('\n').Count(line => line.Contains(" gold 0", StringComparison.Ordinal)));
        Assert.Contains($"{id} 'gold' was born", said, StringComparison.Ordinal);

        var before = said.Length;
        Assert.Equal(ExitCode.Done, await cli.RunAsync("clusters", "show", $"{id}", "--json"));
        var shown = JsonNode.Parse(cli.Out.ToString()[before..])!;
        Assert.Equal(("gold", 8, "born"), ((string?)shown["cluster"]!["label"], shown["keywords"]!.AsArray().Count, (string?)shown["changes"]![0]!["kind"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("zzzz")]
    public async Task Show_NoneOrSeveralFit_Fails(string id)
    {
        await using var host = await RebuiltAsync();
        var cli = Cli(host);

        Assert.Equal(ExitCode.Failed, await cli.RunAsync("clusters", "show", id));

        Assert.Contains("No cluster, or more than one", cli.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Map_Rebuilt_DrawsEachClusterOnceWithItsLabelEscaped()
    {
        await using var host = await RebuiltAsync();
        await host.Jobs.ExecuteAsync("update concept_clusters set label = '<wool> & co' where label = 'wool'");
        var cli = Cli(host);
        var file = Path.Combine(Directory.CreateTempSubdirectory("lexyhub-map").FullName, "map.svg");

        Assert.Equal(ExitCode.Done, await cli.RunAsync("clusters", "map", "--out", file));

        var svg = XDocument.Load(file).Root!;
        var circles = svg.Elements(svg.Name.Namespace + "circle").ToList();
        Assert.Equal(
            ["<wool> & co (us): 6 keywords", "bois (fr): 5 keywords", "gold (us): 8 keywords"],
            circles.Select(circle => (string)circle.Element(svg.Name.Namespace + "title")!).Order(StringComparer.Ordinal));
        Assert.Contains("<wool> & co", svg.Elements(svg.Name.Namespace + "text").Select(text => text.Value));
        Assert.All(circles, circle => Assert.InRange((double)circle.Attribute("cx")!, 120, 1_480));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    private static CliHarness Cli(ClusterHost host) => new(host.ConnectionString);

    private async Task<ClusterHost> RebuiltAsync()
    {
        var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 6)]);
        await host.AddAsync("fr", Topic("bois", 5));
        await host.Jobs.ExecuteAsync("update keywords set trend_momentum = 0.5 where term like 'gold%'");
        await host.RebuildAsync();
        return host;
    }
}
