using System.Text.Json;
using LexyHub.Core.Clusters;

namespace LexyHub.Core.Tests.Clusters;

public sealed class ClusterNameCheckTests
{
    [Theory]
    [InlineData("""{"groups":[{"id":1,"label":" \"Gold hoops\" ","description":"Hoops of gold.","confidence":0.5},{"id":9,"label":"x","description":"y","confidence":1}]}""", "Gold hoops")]
    [InlineData("""{"groups":[{"id":1,"label":"<b>gold</b>","description":"Hoops.","confidence":0.5}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":"see http://evil.example","description":"Hoops.","confidence":0.5}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":"gold","description":"","confidence":0.5}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":"gold","description":"Hoops.","confidence":1.5}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":"one two three four five six seven","description":"Hoops.","confidence":1}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":null,"description":"Hoops.","confidence":1}]}""", null)]
    [InlineData("""{"groups":[null]}""", null)]
    [InlineData("""{"groups":[]}""", null)]
    [InlineData("""{"groups":null}""", null)]
    [InlineData("null", null)]
    [InlineData("gold", null)]
    public void Read_WhateverTheModelWrites_TakesOnlyPlainNamesOfWhatWasAsked(string text, string? label)
    {
        var (names, failures) = ClusterNameCheck.Read(text, [new ClusterToName(1, 3, "hoops", ["gold hoops"])]);

        Assert.Equal(label, names.GetValueOrDefault(1)?.Label);
        Assert.Equal(label is null ? [1] : [], failures.Keys);
        Assert.DoesNotContain(9, names.Keys);
    }

    [Theory]
    [InlineData("""{"id":1,"label":"gold","description":"Hoops.","confidence":null}""")]
    [InlineData("""{"id":1,"label":"gold","description":"Hoops.","confidence":"high"}""")]
    [InlineData("""{"id":1,"label":["gold"],"description":"Hoops.","confidence":1}""")]
    [InlineData("""{"id":1,"label":"\ud800","description":"Hoops.","confidence":1}""")]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"id":null,"label":"gold","description":"Hoops.","confidence":1}""")]
    [InlineData("""{"id":1.5,"label":"gold","description":"Hoops.","confidence":1}""")]
    [InlineData("""{"label":"gold","description":"Hoops.","confidence":1}""")]
    [InlineData("""[1]""")]
    [InlineData("""7""")]
    public void Read_OneGroupMalformed_CostsTheOthersNothing(string malformed)
    {
        var (names, failures) = ClusterNameCheck.Read(
            $$"""{"groups":[{{malformed}},{"id":2,"label":"wool","description":"Scarves.","confidence":0.5}]}""",
            [new ClusterToName(1, 3, "hoops", ["gold hoops"]), new ClusterToName(2, 3, "scarves", ["wool scarf"])]);

        Assert.Equal("wool", Assert.Single(names).Value.Label);
        Assert.Equal([1], failures.Keys);
    }

    [Theory]
    [InlineData("buy at evil.example", false)]
    [InlineData("www.evil.example/x", false)]
    [InlineData("Evil.COM", false)]
    [InlineData("evil1.xn--p1ai", false)]
    [InlineData("me@evil.example", false)]
    [InlineData("зло.рф", false)]
    [InlineData("10.0.0.1/x", false)]
    [InlineData("ftp://evil", false)]
    [InlineData("st. louis gifts", true)]
    [InlineData("rings, e.g. hoops", true)]
    [InlineData("u.s. flags", true)]
    [InlineData("0.5 carat rings", true)]
    [InlineData("no.1 dad mugs", true)]
    [InlineData("gold hoops... and more", true)]
    public void Read_LabelOrDescriptionThatMayBecomeALink_IsRefused(string text, bool isPlain)
    {
        foreach (var (label, description) in ((string, string)[])[(text, "Hoops."), ("gold", text)])
        {
            var (names, failures) = ClusterNameCheck.Read(
                JsonSerializer.Serialize(new { groups = new[] { new { id = 1, label, description, confidence = 1 } } }),
                [new ClusterToName(1, 3, "hoops", ["gold hoops"])]);

            Assert.Equal((isPlain ? 1 : 0, isPlain ? 0 : 1), (names.Count, failures.Count));
        }
    }
}
