using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Tests.Trends.Sources;

public sealed class TrendSourcesRegistrationTests
{
    [Theory]
    [InlineData("google-trends", "Trends:Google:ClientId")]
    [InlineData("pinterest", "Trends:Pinterest:ClientId")]
    [InlineData("reddit", "Trends:Reddit:ClientId")]
    public async Task NotConfiguredReason_NothingSet_NamesTheSettings(string name, string setting)
    {
        await using var host = new SourceHost();

        Assert.Contains(setting, host.Source(name).NotConfiguredReason);
    }

    [Theory]
    [InlineData("google-trends", "Trends:Google:AccessToken", "t")]
    [InlineData("pinterest", "Trends:Pinterest:AccessToken", "t")]
    public async Task NotConfiguredReason_AccessTokenSet_IsNull(string name, string key, string value)
    {
        await using var host = new SourceHost((key, value));

        Assert.Null(host.Source(name).NotConfiguredReason);
    }

    [Fact]
    public async Task NotConfiguredReason_RefreshTokenWithoutItsClient_NamesTheSettings()
    {
        await using var host = new SourceHost(("Trends:Pinterest:RefreshToken", "t"), ("Trends:Google:RefreshToken", "t"));

        Assert.NotNull(host.Source("pinterest").NotConfiguredReason);
        Assert.NotNull(host.Source("google-trends").NotConfiguredReason);
    }

    [Theory]
    [InlineData("google-trends", "Trends:Google")]
    [InlineData("pinterest", "Trends:Pinterest")]
    public async Task NotConfiguredReason_SwitchedOff_SaysSo(string name, string section)
    {
        await using var host = new SourceHost((section + ":AccessToken", "t"), (section + ":Enabled", "false"));

        Assert.Equal($"switched off by {section}:Enabled", host.Source(name).NotConfiguredReason);
    }

    [Fact]
    public async Task NotConfiguredReason_RedditWithoutSubreddits_NamesTheSetting()
    {
        await using var host = new SourceHost(("Trends:Reddit:ClientId", "i"), ("Trends:Reddit:ClientSecret", "s"));

        Assert.Equal("set Trends:Reddit:Subreddits", host.Source("reddit").NotConfiguredReason);
    }

    [Theory]
    [InlineData("Trends:Google:LookbackWeeks", "3")]
    [InlineData("Trends:Google:TermsPerRun", "0")]
    [InlineData("Trends:Google:GeoCode", "us; drop")]
    [InlineData("Trends:Google:BaseAddress", "http://searchtrends.example/")]
    [InlineData("Trends:Google:TokenEndpoint", "https://user:password@oauth2.example/token")]
    [InlineData("Trends:Pinterest:Limit", "51")]
    [InlineData("Trends:Pinterest:Regions:0", "GB,IE")]
    [InlineData("Trends:Pinterest:TrendTypes:0", "daily")]
    [InlineData("Trends:Pinterest:BaseAddress", "/v5")]
    [InlineData("Trends:Reddit:Subreddits:0", "r/jewelry")]
    [InlineData("Trends:Reddit:WindowDays", "31")]
    [InlineData("Trends:Reddit:MaxPostsPerSubreddit", "1001")]
    [InlineData("Trends:Reddit:UserAgent", "curl")]
    [InlineData("Http:MaxAttempts", "0")]
    [InlineData("Http:AttemptTimeout", "00:00:00")]
    public async Task Start_OutOfBounds_IsRefused(string key, string value)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(key, (string?)value)]).Build());
        services.AddLogging();
        services.AddTrendSources();
        await using var provider = services.BuildServiceProvider();

        var error = Assert.ThrowsAny<Exception>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.True(error is OptionsValidationException or AggregateException { InnerException: OptionsValidationException });
        Assert.Contains(key.Split(':')[^1] is "0" ? key.Split(':')[^2] : key.Split(':')[^1], error.Message);
    }
}
