using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Workflow;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace LexyHub.Core.Tests.Hosts;

/// <summary>Holds <c>local.settings.sample.json</c> and <c>host.json</c> against the options, so that they cannot go stale.</summary>
public sealed partial class LocalSettingsSampleTests
{
    // Read by the Functions host, or by us without an options class.
    private static readonly string[] Others =
    [
        "FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "ConnectionStrings:LexyHub", ServiceTokens.SettingName,
        "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "APPLICATIONINSIGHTS_CONNECTION_STRING", "Logging:Console:FormatterName",
    ];

    private static readonly Dictionary<string, string?> Sample = ReadSample();

    [Fact]
    public void Values_BesideTheOptions_NameEachOfThemAndNothingElse()
    {
        var listed = Sample.Keys.Select(key => ItemOfList().Replace(key, "")).Distinct().Except(Others);

        Assert.Equal(OptionKeys().Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Values_CopiedAsTheyAre_AreValidAndNameADatabase()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Sample).Build();
        using var services = Services(configuration).BuildServiceProvider();

        services.GetRequiredService<IStartupValidator>().Validate();

        Assert.Contains("Port=54329", DatabaseConnection.Read(configuration, 8), StringComparison.Ordinal);
        Assert.True(new ServiceTokens(configuration).Accepts("Bearer local-development-token"));
    }

    [Fact]
    public void HostJson_BesideTheJobsBudget_LeavesATimerRoomToEnd()
    {
        using var host = JsonDocument.Parse(File.ReadAllText(Path.Combine(WorkflowScript.RepositoryRoot(), "host.json")));

        var timeout = TimeSpan.Parse(host.RootElement.GetProperty("functionTimeout").GetString()!, System.Globalization.CultureInfo.InvariantCulture);

        Assert.True(timeout >= new JobOptions().TimerBudget + TimeSpan.FromSeconds(30), $"{timeout}");
    }

    private static Dictionary<string, string?> ReadSample()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(WorkflowScript.RepositoryRoot(), "local.settings.sample.json")));
        return sample.RootElement.GetProperty("Values").EnumerateObject()
            .ToDictionary(value => value.Name.Replace("__", ":", StringComparison.Ordinal), value => value.Value.GetString());
    }

    /// <summary>The keys that the hosts' options bind, found from their registrations: a new options class is found by itself.</summary>
    private static HashSet<string> OptionKeys()
    {
        var types = Services(new RecordingConfiguration()).Select(service => service.ServiceType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConfigureOptions<>))
            .Select(type => type.GenericTypeArguments[0])
            .Where(IsOurs)
            .ToHashSet();
        var sections = typeof(LocalSettingsSampleTests).GetMethod(nameof(SectionsOf), BindingFlags.NonPublic | BindingFlags.Static)!;
        return [.. types.SelectMany(type => ((IEnumerable<string>)sections.MakeGenericMethod(type).Invoke(null, null)!).SelectMany(section => KeysOf(section, type)))];
    }

    private static HashSet<string> SectionsOf<TOptions>()
        where TOptions : class, new()
    {
        var configuration = new RecordingConfiguration();
        using var provider = Services(configuration).BuildServiceProvider();
        foreach (var configure in provider.GetServices<IConfigureOptions<TOptions>>().OfType<ConfigureNamedOptions<TOptions, IConfiguration>>())
        {
            configure.Configure(configure.Name, new TOptions());
        }

        return configuration.Sections;
    }

    private static IServiceCollection Services(IConfiguration configuration)
        => new ServiceCollection().AddSingleton(configuration).AddLogging().AddLexyHub();

    private static IEnumerable<string> KeysOf(string section, Type type)
        => type.GetProperties().Where(property => property.CanWrite).SelectMany(property =>
            IsOurs(property.PropertyType) && property.PropertyType.IsClass
                ? KeysOf($"{section}:{property.Name}", property.PropertyType)
                : [$"{section}:{property.Name}"]);

    private static bool IsOurs(Type type) => type.Assembly == typeof(JobOptions).Assembly;

    [GeneratedRegex(":[0-9]+$")]
    private static partial Regex ItemOfList();

    /// <summary>Empty, and remembers which sections were asked for.</summary>
    private sealed class RecordingConfiguration : IConfiguration
    {
        private readonly IConfiguration empty = new ConfigurationBuilder().Build();

        public HashSet<string> Sections { get; } = [];

        public string? this[string key]
        {
            get => empty[key];
            set => throw new NotSupportedException();
        }

        public IConfigurationSection GetSection(string key)
        {
            Sections.Add(key);
            return empty.GetSection(key);
        }

        public IEnumerable<IConfigurationSection> GetChildren() => empty.GetChildren();

        public IChangeToken GetReloadToken() => empty.GetReloadToken();
    }
}
