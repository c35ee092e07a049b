using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Workflow;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace LexyHub.Core.Tests.Telemetry;

/// <summary>Every job, with recognisable secrets in all its settings, against services that send back whatever they are sent:
/// none of it is to come out anywhere. The settings are those of the sample, so that a new job is tried by itself.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed partial class SecretsTests(VectorPostgres postgres)
{
    // Our own tables, and the runs; LexyHub's own hold what LexyHub put there.
    private const string TablesSql = """
        select format('select t::text from %s t', c.oid::regclass) from pg_class c
        where c.relkind in ('r', 'p') and (c.relnamespace = 'lexyhub_jobs'::regnamespace or c.oid = 'public.job_runs'::regclass)
        """;

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Jobs_ServicesThatEchoWhatTheyAreSent_LetNoSecretOut(int status)
    {
        await using var echo = await LoopbackServer.StartAsync((http, request, _) => EchoAsync(http, request, status));
        await using var receiver = await OtlpReceiver.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        var (cli, secrets) = Configure(database, echo.Address, receiver);
        Assert.Equal(0, await cli.RunAsync("migrate"));
        await Sql.ExecuteAsync(database, $"""
            insert into keywords (term, market) values ('gold hoops', 'us'), ('silver ring', 'us');
            insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace') on conflict do nothing;
            insert into marketplace_accounts (provider_id, external_shop_id, access_token, refresh_token, token_expires_at)
            values ('etsy', '12345', '12345.{secrets[1]}', '12345.{secrets[2]}', now() + interval '1 hour'), ('etsy', '6789', '6789.{secrets[1]}', '6789.{secrets[2]}', now())
            """);

        var output = new StringBuilder();
        await cli.RunAsync("run", "all", "--verbose");
        await using (var served = await cli.ServeAsync("--no-timers"))
        {
            foreach (var job in JobCatalog.All)
            {
                output.AppendLine((await served.SendAsync(HttpMethod.Post, $"/api/jobs/{job.Name}", secrets[0])).Body);
                output.AppendLine((await served.SendAsync(HttpMethod.Post, $"/api/jobs/{job.Name}", "not-" + secrets[0])).Body);
            }

            foreach (var path in (string[])["jobs", "quarantine", "health", "nowhere"])
            {
                output.AppendLine((await served.SendAsync(HttpMethod.Get, $"/api/{path}", secrets[0])).Body);
            }
        }

        await cli.RunAsync("jobs", "--json");
        await cli.RunAsync("quarantine", "list");
        output.Append(cli.Out).Append(cli.Error).AppendLine(receiver.AllText);
        foreach (var table in await Sql.RowsAsync(database, TablesSql))
        {
            output.AppendLine(string.Join('\n', await Sql.RowsAsync(database, table)));
        }

        var text = output.ToString();
        Assert.Contains("run " + JobCatalog.EmbedMissing, text, StringComparison.Ordinal);
        var sent = string.Join('\n', echo.Received.Select(request => string.Join('\n', request.Headers) + request.Target + request.Body));
        Assert.True(secrets.Count(secret => sent.Contains(secret, StringComparison.Ordinal)) >= 3, "Too few secrets were sent anywhere to be echoed.");
        Assert.All(secrets.SelectMany(Spellings), secret => Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{secret} is in: {Around(text, secret)}"));
    }

    private static (CliHarness Cli, IReadOnlyList<string> Secrets) Configure(string database, Uri services, OtlpReceiver receiver)
    {
        var secrets = new List<string>();
        var cli = new CliHarness(null);
        foreach (var name in SampleKeys())
        {
            if (SecretName().IsMatch(name))
            {
                secrets.Add($"HUSH{secrets.Count}-{Guid.NewGuid():N}");
                cli.Settings[name] = secrets[^1];
            }
            else if (AddressName().IsMatch(name))
            {
                cli.Settings[name] = services.ToString();
            }
            else if (name.EndsWith("ClientId", StringComparison.Ordinal))
            {
                cli.Settings[name] = "client";
            }
        }

        // One refresh token and no access token, so that a token is asked for too.
        cli.Settings.Remove("Trends:Pinterest:AccessToken");
        cli.Settings["Trends:Reddit:Subreddits:0"] = "Etsy";
        cli.Settings["Http:MaxAttempts"] = "2";
        cli.Settings["Http:BaseDelay"] = "00:00:00.010";
        cli.Settings["Http:MaxBackoff"] = "00:00:00.020";
        foreach (var (name, value) in receiver.Settings)
        {
            cli.Settings[name] = value;
        }

        cli.Settings["ConnectionStrings:LexyHub"] = database;
        if (new NpgsqlConnectionStringBuilder(database).Password is { Length: > 0 } password)
        {
            secrets.Add(password);
        }

        // The first one is the token of the API.
        var token = cli.Settings[ServiceTokens.SettingName]!;
        return (cli, [token, .. secrets.Where(secret => secret != token)]);
    }

    private static IEnumerable<string> SampleKeys()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(WorkflowScript.RepositoryRoot(), "local.settings.sample.json")));
        return [.. sample.RootElement.GetProperty("Values").EnumerateObject().Select(value => value.Name.Replace("__", ":", StringComparison.Ordinal))];
    }

    // As it is, and as HTTP's basic scheme writes it.
    private static IEnumerable<string> Spellings(string secret)
        => [secret, Convert.ToBase64String(Encoding.UTF8.GetBytes($"client:{secret}"))];

    private static string Around(string text, string secret)
    {
        var at = text.IndexOf(secret, StringComparison.Ordinal);
        return text[Math.Max(0, at - 300)..Math.Min(text.Length, at + secret.Length + 100)];
    }

    private static Task EchoAsync(HttpContext http, ReceivedRequest request, int status)
    {
        var echoed = string.Join(", ", request.Headers.Select(header => $"{header.Key}: {header.Value}")) + $" {request.Target} {request.Body}";
        return http.JsonAsync(
            JsonSerializer.Serialize(new { error = new { message = echoed, code = echoed, type = echoed }, error_description = echoed, message = echoed, data = echoed, detail = echoed }),
            status);
    }

    [GeneratedRegex("(Secret|AccessToken|RefreshToken|SERVICE_TOKEN|KeyString|Keystring|API_KEY|ApiKey|Password|EncryptionKey|SealingKey)$")]
    private static partial Regex SecretName();

    [GeneratedRegex("(BaseAddress|TokenEndpoint|AZURE_OPENAI_ENDPOINT|OPENAI_BASE_URL)$")]
    private static partial Regex AddressName();
}
