using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using LexyHub.Core.Telemetry;
using LexyHub.Core.Tests.Embeddings;

namespace LexyHub.Core.Tests.Telemetry;

/// <summary>Spans and metrics of calls of models, against a service on this machine.</summary>
public sealed class ModelTelemetryTests
{
    [Theory]
    [InlineData(Wire.OpenAI, "openai")]
    [InlineData(Wire.Azure, "azure.ai.openai")]
    public async Task Embed_Answered_HasASpanAndMetricsByTheConventions(Wire wire, string provider)
    {
        await using var server = await EmbeddingServer.StartAsync(wire);
        using var heard = new Heard(server.Address.Port);
        using var client = EmbeddingClient.For(server);

        await client.EmbedAsync(["gold hoops", "silver ring"]);

        var span = Assert.Single(heard.Spans);
        Assert.Equal(("embeddings text-embedding-3-large", ActivityKind.Client), (span.DisplayName, span.Kind));
        Assert.Equal(
            ("embeddings", provider, "text-embedding-3-large", "127.0.0.1", 4L),
            (Tag(span, "gen_ai.operation.name"), Tag(span, "gen_ai.provider.name"), Tag(span, "gen_ai.request.model"), Tag(span, "server.address"), (long)span.GetTagItem("gen_ai.usage.input_tokens")!));
        Assert.Equal(4, Assert.Single(heard.Measured, one => one.Name == "gen_ai.client.token.usage").Value);
        Assert.Single(heard.Measured, one => one.Name == "gen_ai.client.operation.duration");
        Assert.DoesNotContain(span.TagObjects, tag => $"{tag.Value}".Contains("hoops", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Embed_Refused_NamesTheErrorOnly()
    {
        await using var server = await EmbeddingServer.StartAsync(
            Wire.OpenAI, request => EmbeddingServer.AnswerAsync(request, 401, """{"error":{"message":"No such key.","code":"invalid_api_key"}}"""));
        using var heard = new Heard(server.Address.Port);
        using var client = EmbeddingClient.For(server);

        await client.EmbedAsync(["gold hoops"]);

        var span = Assert.Single(heard.Spans);
        Assert.Equal((ActivityStatusCode.Error, "invalid_api_key"), (span.Status, Tag(span, "error.type")));
        Assert.Contains(heard.Measured, one => one is { Name: "gen_ai.client.operation.duration", Error: "invalid_api_key" });
    }

    private static string? Tag(Activity span, string name) => span.GetTagItem(name) as string;

    /// <summary>Source and meter belong to the process: only what concerns one server is kept.</summary>
    private sealed class Heard : IDisposable
    {
        private readonly ConcurrentQueue<Activity> spans = new();
        private readonly ConcurrentQueue<(string Name, double Value, string? Error)> measured = new();
        private readonly ActivityListener activities;
        private readonly MeterListener meters = new();

        public Heard(int port)
        {
            activities = new ActivityListener
            {
                ShouldListenTo = source => source.Name == ModelTelemetry.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity =>
                {
                    if (activity.GetTagItem("server.port") is int at && at == port)
                    {
                        spans.Enqueue(activity);
                    }
                },
            };
            ActivitySource.AddActivityListener(activities);
            meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == ModelTelemetry.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(port, instrument, value, tags));
            meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(port, instrument, value, tags));
            meters.Start();
        }

        public IReadOnlyList<Activity> Spans => [.. spans];

        public IReadOnlyList<(string Name, double Value, string? Error)> Measured => [.. measured];

        public void Dispose()
        {
            activities.Dispose();
            meters.Dispose();
        }

        private void Keep(int port, Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            if (named.GetValueOrDefault("server.port") is int at && at == port)
            {
                measured.Enqueue((instrument.Name, value, named.GetValueOrDefault("error.type") as string));
            }
        }
    }
}
