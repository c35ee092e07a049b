using System.Text.Json;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Configuration;

namespace LexyHub.Cli.Hosting;

/// <summary>
/// Where settings come from, the later winning: <c>local.settings.json</c> of the current directory, so that settings kept for
/// <c>func start</c> hold here too, environment variables, the command line.
/// </summary>
internal static class CliConfiguration
{
    public const string LocalSettingsFile = "local.settings.json";

    public const string ConnectionKey = "ConnectionStrings:LexyHub";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="DatabaseException"><c>--database</c> is malformed.</exception>
    /// <exception cref="JobException"><c>local.settings.json</c> cannot be read.</exception>
    public static IConfigurationRoot Build(CliContext context)
    {
        var builder = new ConfigurationBuilder();
        if (context.ReadsSettings)
        {
            builder.AddInMemoryCollection(ReadLocalSettings(context.Environment.CurrentDirectory));
            if (context.Environment.Settings is { } settings)
            {
                builder.AddInMemoryCollection(settings);
            }
            else
            {
                builder.AddEnvironmentVariables();
            }
        }

        if (context.Database is { } database)
        {
            // Here, so that what is malformed is named as the option that it came by.
            DatabaseConnection.Parse(database, "--database");
            builder.AddInMemoryCollection([new(ConnectionKey, database)]);
        }

        return builder.Build();
    }

    private static List<KeyValuePair<string, string?>> ReadLocalSettings(string directory)
    {
        var settings = new List<KeyValuePair<string, string?>>();
        var file = new FileInfo(Path.Combine(directory, LocalSettingsFile));
        if (!file.Exists)
        {
            return settings;
        }

        try
        {
            using var stream = file.OpenRead();
            using var document = JsonDocument.Parse(stream, Lenient);
            AddSection("Values", "");
            AddSection("ConnectionStrings", "ConnectionStrings:");

            void AddSection(string section, string prefix)
            {
                if (document.RootElement.TryGetProperty(section, out var values))
                {
                    settings.AddRange(values.EnumerateObject().Select(
                        value => KeyValuePair.Create(prefix + value.Name.Replace("__", ":", StringComparison.Ordinal), (string?)value.Value.ToString())));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // Neither the parser's text nor the file's is repeated: it holds secrets.
            var where = e is JsonException { LineNumber: { } line } ? $" (line {line + 1})" : "";
            throw new JobException("configuration-invalid", 500, $"{LocalSettingsFile} cannot be read{where}: expected is a JSON object with an object Values of names and texts.", e);
        }

        return settings;
    }
}
