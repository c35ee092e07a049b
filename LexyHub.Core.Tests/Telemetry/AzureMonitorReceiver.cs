using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json.Nodes;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Telemetry;

/// <summary>Azure Monitor's ingestion endpoint, <c>POST /v2.1/track</c>: lines of JSON, compressed or not, each an item of telemetry. All
/// that comes is accepted.</summary>
internal sealed class AzureMonitorReceiver : IAsyncDisposable
{
    /// <summary>The instrumentation key of <see cref="Settings"/>.</summary>
    public const string Key = "11111111-2222-3333-4444-555555555555";

    private readonly WebApplication app;
    private readonly ConcurrentQueue<AzureItem> items = new();

    private AzureMonitorReceiver(WebApplication app) => this.app = app;

    public IReadOnlyList<AzureItem> Items => [.. items];

    /// <summary>Settings that send everything here, soon. What the exporter tells Microsoft of itself is off.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = $"InstrumentationKey={Key};IngestionEndpoint={Address}/;LiveEndpoint={Address}/",
        ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED"] = "true",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
    };

    private string Address { get; set; } = "";

    public static async Task<AzureMonitorReceiver> StartAsync()
    {
        var app = LoopbackApp.Build();
        var receiver = new AzureMonitorReceiver(app);
        app.MapPost("/v2.1/track", receiver.KeepAsync);
        await app.StartAsync();
        receiver.Address = app.Urls.Single();
        return receiver;
    }

    /// <param name="baseType">RequestData, RemoteDependencyData, MetricData, MessageData, ExceptionData.</param>
    public IEnumerable<AzureItem> Of(string baseType) => Items.Where(item => item.BaseType == baseType);

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task KeepAsync(HttpContext context)
    {
        await using var body = context.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
            : context.Request.Body;
        using var reader = new StreamReader(body);
        var received = 0;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Length > 0)
            {
                items.Enqueue(new AzureItem(JsonNode.Parse(line)!));
                received++;
            }
        }

        await context.Response.WriteAsJsonAsync(new { itemsReceived = received, itemsAccepted = received, errors = Array.Empty<string>() });
    }
}

/// <summary>An item as it came.</summary>
internal sealed record AzureItem(JsonNode Json)
{
    public string InstrumentationKey => (string)Json["iKey"]!;

    public string BaseType => (string)Json["data"]!["baseType"]!;

    public JsonNode Base => Json["data"]!["baseData"]!;

    public string OperationId => (string?)Json["tags"]?["ai.operation.id"] ?? "";

    public string ParentId => (string?)Json["tags"]?["ai.operation.parentId"] ?? "";

    public string Id => (string?)Base["id"] ?? "";

    public string Name => (string?)Base["name"] ?? "";

    public string MetricName => (string?)Base["metrics"]?[0]?["name"] ?? "";

    public IReadOnlyDictionary<string, string> Properties
        => Base["properties"]?.AsObject().ToDictionary(pair => pair.Key, pair => $"{pair.Value}") ?? [];
}
