using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Workflow;
using Microsoft.OpenApi;
using NJsonSchema;

namespace LexyHub.Core.Tests.Dashboard;

/// <summary>What <c>openapi.json</c> says, against what the server does.</summary>
[Collection(DashboardCollection.Name)]
public sealed partial class OpenApiTests(DashboardSite site)
{
    private const string Schemas = "#/components/schemas/";

    [Fact]
    public async Task Get_Description_IsValidOpenApi31()
    {
        var (status, body, response) = await site.Served.SendAsync(HttpMethod.Get, "/api/openapi.json");

        var read = OpenApiDocument.Parse(body, "json");
        Assert.Equal((200, "application/json"), (status, response.Content.Headers.ContentType!.MediaType));
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal("3.1.0", (string)JsonNode.Parse(body)!["openapi"]!);
    }

    [Fact]
    public async Task Answers_EveryDocumentedOperation_AreAsTheDescriptionSays()
    {
        var document = await site.GetAsync("openapi.json");
        var run = (string)(await site.GetAsync($"jobs/{JobCatalog.EmbedMissing}/runs?status=partial"))["runs"]![0]!["runId"]!;
        var cluster = (string)(await site.GetAsync("insights/clusters"))["clusters"]![0]!["id"]!;
        site.Go.Release();
        (string Operation, string Call, string? Body, int Status)[] calls =
        [
            ("post /jobs/{name}", $"jobs/{JobCatalog.TrendAggregation}", null, 200),
            ("post /jobs/{name}", $"jobs/{JobCatalog.EmbedMissing}", null, 502),
            ("post /jobs/{name}", $"jobs/{JobCatalog.EmbedMissing}?force=maybe", null, 400),
            ("post /jobs/{name}", "jobs/nope", null, 404),
            ("post /jobs/{name}/pause", $"jobs/{JobCatalog.EmbedMissing}/pause", """{"reason":"The provider migrates.","by":"Anna"}""", 200),
            ("post /jobs/{name}/pause", $"jobs/{JobCatalog.EmbedMissing}/pause", "{}", 400),
            ("post /jobs/{name}", $"jobs/{JobCatalog.EmbedMissing}", null, 202),
            ("get /jobs", "jobs", null, 200),
            ("post /jobs/{name}/resume", $"jobs/{JobCatalog.EmbedMissing}/resume", null, 200),
            ("post /jobs/{name}/resume", "jobs/nope/resume", null, 404),
            ("get /health", "health", null, 200),
            ("get /dashboard", "dashboard", null, 200),
            ("get /openapi.json", "openapi.json", null, 200),
            ("get /jobs/{name}/runs", $"jobs/{JobCatalog.EmbedMissing}/runs?limit=200", null, 200),
            ("get /jobs/{name}/runs", $"jobs/{JobCatalog.EmbedMissing}/runs?before=x", null, 400),
            ("get /jobs/{name}/runs", "jobs/nope/runs", null, 404),
            ("get /jobs/runs/{id}", $"jobs/runs/{run}", null, 200),
            ("get /jobs/runs/{id}", $"jobs/runs/{Guid.NewGuid()}", null, 404),
            ("get /quarantine", "quarantine", null, 200),
            ("get /quarantine", "quarantine?after=x", null, 400),
            ("post /quarantine/retry", "quarantine/retry", $$"""{"job":"{{JobCatalog.EmbedMissing}}","items":[{"kind":"keyword","item":"none"}]}""", 200),
            ("post /quarantine/retry", "quarantine/retry", "{}", 400),
            ("get /insights/trends", "insights/trends", null, 200),
            ("get /insights/trends", "insights/trends?term=Gold%20Hoop%20Apron&days=800", null, 200),
            ("get /insights/trends", "insights/trends?order=sideways", null, 400),
            ("get /insights/intents", "insights/intents", null, 200),
            ("get /insights/clusters", "insights/clusters?limit=200", null, 200),
            ("get /insights/clusters", "insights/clusters?limit=x", null, 400),
            ("get /insights/clusters/map", "insights/clusters/map", null, 200),
            ("get /insights/clusters/{id}", $"insights/clusters/{cluster}", null, 200),
            ("get /insights/clusters/{id}", "insights/clusters/nope", null, 404),
            ("get /insights/coverage", "insights/coverage", null, 200),
            ("get /insights/usage", "insights/usage?days=800", null, 200),
            ("get /insights/usage", "insights/usage?days=0", null, 400),
        ];
        foreach (var (operation, call, sent, status) in calls)
        {
            var described = Described(document, operation);
            var (answered, body, type) = await SendAsync(operation, call, sent, CliHarness.Token);
            Assert.True(status == answered, $"{call}: {answered} {body}");
            await CheckAsync(document, described, $"{operation} {status}", status, body, type);
            if (sent is not null && status == 200)
            {
                Assert.Empty(await ValidateAsync(document, described["requestBody"]!["content"]!["application/json"]!["schema"]!, sent));
            }

            var isOpen = described["security"] is JsonArray { Count: 0 };
            Assert.Equal(isOpen ? status : 401, (await SendAsync(operation, call, sent, null)).Status);
        }

        var documented = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key} {path.Key}"));
        Assert.Equal(
            documented.Order(StringComparer.Ordinal),
            calls.Where(call => call.Status == 200).Select(call => call.Operation).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Schemas_AnswerThatHasAnotherMember_RefuseIt()
    {
        var document = await site.GetAsync("openapi.json");
        var schema = new JsonObject { ["$ref"] = $"{Schemas}Coverage" };
        var coverage = await site.GetAsync("insights/coverage");
        Assert.Empty(await ValidateAsync(document, schema, coverage.ToJsonString()));

        coverage["keywords"]!["undocumented"] = 1;

        Assert.NotEmpty(await ValidateAsync(document, schema, coverage.ToJsonString()));
    }

    [Fact]
    public async Task Functions_Routes_AreTheDocumentedOnes()
    {
        var document = await site.GetAsync("openapi.json");
        var sources = Directory.GetFiles(Path.Combine(WorkflowScript.RepositoryRoot(), "LexyHub.Functions"), "*.cs").Select(File.ReadAllText);
        var routes = FunctionRoute().Matches(string.Concat(sources))
            .Select(match => (Methods: match.Groups["methods"].Value.Replace("\"", "", StringComparison.Ordinal).Split(", "), Segments: match.Groups["route"].Value.Split('/')))
            .ToList();
        Assert.True(routes.Count > 10);

        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            // That of a job is made of its name, one function each.
            foreach (var (method, _) in methods!.AsObject().Where(_ => path != "/jobs/{name}"))
            {
                var segments = path.TrimStart('/').Split('/');
                Assert.True(
                    routes.Any(route => route.Methods.Contains(method) && route.Segments.Length == segments.Length
                        && route.Segments.Zip(segments).All(pair => pair.First == pair.Second || pair.First.StartsWith('{'))),
                    $"No function has {method} {path}.");
            }
        }
    }

    private async Task<(int Status, string Body, MediaTypeHeaderValue Type)> SendAsync(string operation, string call, string? body, string? token)
    {
        using var client = new HttpClient { BaseAddress = site.Served.Url };
        using var request = new HttpRequestMessage(new HttpMethod(operation.Split(' ')[0]), $"/api/{call}");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType!);
    }

    private static JsonNode Described(JsonNode document, string operation)
        => document["paths"]![operation.Split(' ')[1]]?[operation.Split(' ')[0]] ?? throw new InvalidOperationException($"{operation} is not documented.");

    private static async Task CheckAsync(JsonNode document, JsonNode described, string what, int status, string body, MediaTypeHeaderValue type)
    {
        var answer = described["responses"]![$"{status}"] ?? throw new InvalidOperationException($"{what} is not documented.");
        if ((string?)answer["$ref"] is { } reference)
        {
            answer = document["components"]!["responses"]![reference.Split('/')[^1]]!;
        }

        var content = answer["content"]![type.MediaType!] ?? throw new InvalidOperationException($"{what}: {type} is not documented.");
        if (type.MediaType == "application/json")
        {
            var errors = await ValidateAsync(document, content["schema"]!, body);
            Assert.True(errors.Count == 0, $"{what}: {string.Join("; ", errors)}\n{body[..Math.Min(2_000, body.Length)]}");
        }
    }

    private static async Task<IReadOnlyList<string>> ValidateAsync(JsonNode document, JsonNode schema, string json)
    {
        var whole = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["allOf"] = new JsonArray(schema.DeepClone()),
            ["definitions"] = document["components"]!["schemas"]!.DeepClone(),
        };
        var validator = await JsonSchema.FromJsonAsync(whole.ToJsonString().Replace(Schemas, "#/definitions/", StringComparison.Ordinal));
        return [.. validator.Validate(json).Select(error => error.ToString())];
    }

    [GeneratedRegex("""HttpTrigger\(AuthorizationLevel\.Anonymous, (?<methods>"[^)]*?"), Route = "(?<route>[^"]+)"\)""")]
    private static partial Regex FunctionRoute();
}
