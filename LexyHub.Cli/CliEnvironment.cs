using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Cli;

/// <summary>What the commands know of the world; tests give another one.</summary>
/// <param name="Console">Where they write.</param>
/// <param name="CurrentDirectory">Where <c>local.settings.json</c> and the data directory are looked for.</param>
public sealed record CliEnvironment(CliConsole Console, string CurrentDirectory)
{
    /// <summary>Settings by name, for instead of the process's environment variables; null for those.</summary>
    public IReadOnlyDictionary<string, string?>? Settings { get; init; }

    /// <summary>Called last, after the product's own registrations.</summary>
    public Action<IServiceCollection> ConfigureServices { get; init; } = _ => { };

    /// <summary>Starts the database that is used where no connection is configured.</summary>
    public EmbeddedStarter StartEmbedded { get; init; } = EmbeddedDatabase.StartAsync;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
