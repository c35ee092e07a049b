using LexyHub.Core.Jobs;
using Microsoft.Extensions.Configuration;

namespace LexyHub.Core.Tests.Jobs;

public sealed class ServiceTokensTests
{
    [Theory]
    [InlineData("one", "Bearer one", true)]
    [InlineData("one", "bearer one", true)]
    [InlineData("one, two ", "Bearer two", true)]
    [InlineData("one,two", "Bearer one,two", false)]
    [InlineData("one", "Bearer On", false)]
    [InlineData("one", "Bearer one2", false)]
    [InlineData("one", "one", false)]
    [InlineData("one", "Basic one", false)]
    [InlineData("one", "Bearer ", false)]
    [InlineData("one", null, false)]
    [InlineData("", "Bearer ", false)]
    [InlineData(" , ", "Bearer ,", false)]
    [InlineData(null, "Bearer one", false)]
    [InlineData(null, null, false)]
    public void Accepts_Header_OnlyWithAConfiguredToken(string? configured, string? header, bool expected)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [ServiceTokens.SettingName] = configured })
            .Build();

        Assert.Equal(expected, new ServiceTokens(configuration).Accepts(header));
    }
}
