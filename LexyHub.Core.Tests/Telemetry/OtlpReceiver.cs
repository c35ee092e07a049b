using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Telemetry;

/// <summary>A receiver of OTLP over HTTP, as opentelemetry-proto defines its messages: protobuf, read by field number.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<byte[]> traces = new();
    private readonly ConcurrentQueue<byte[]> metrics = new();
    private readonly ConcurrentQueue<byte[]> logs = new();

    private OtlpReceiver(WebApplication app) => this.app = app;

    public string Address { get; private set; } = "";

    public IReadOnlyList<ReceivedSpan> Spans => [.. traces.SelectMany(body => Leaves(body, 1, 2, 2)).Select(ReceivedSpan.Read)];

    public IReadOnlyList<string> MetricNames => [.. metrics.SelectMany(body => Leaves(body, 1, 2, 2)).Select(metric => Text(metric, 1)).Distinct()];

    public IReadOnlyList<IReadOnlyDictionary<string, string>> LogAttributes
        => [.. logs.SelectMany(body => Leaves(body, 1, 2, 2)).Select(record => Attributes(record, 6))];

    /// <summary>Everything that came, as text.</summary>
    public string AllText => string.Join('\n', traces.Concat(metrics).Concat(logs).Select(Encoding.UTF8.GetString));

    /// <summary>Settings that send everything here, soon.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
    };

    public static async Task<OtlpReceiver> StartAsync()
    {
        var app = LoopbackApp.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/traces", context => KeepAsync(context, receiver.traces));
        app.MapPost("/v1/metrics", context => KeepAsync(context, receiver.metrics));
        app.MapPost("/v1/logs", context => KeepAsync(context, receiver.logs));
        await app.StartAsync();
        receiver.Address = app.Urls.Single();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    /// <returns>The text of a field of a message.</returns>
    internal static string Text(ByteString message, int field)
        => Fields(message).FirstOrDefault(one => one.Number == field).Value?.ToStringUtf8() ?? "";

    internal static string Hex(ByteString message, int field)
        => Fields(message).FirstOrDefault(one => one.Number == field).Value is { } value ? Convert.ToHexStringLower(value.Span) : "";

    /// <returns>Attributes with a text or a number, by key.</returns>
    internal static IReadOnlyDictionary<string, string> Attributes(ByteString message, int field)
    {
        var attributes = new Dictionary<string, string>();
        foreach (var attribute in Fields(message).Where(one => one.Number == field && one.Value is not null))
        {
            var value = Fields(attribute.Value!).FirstOrDefault(one => one.Number == 2).Value;
            attributes[Text(attribute.Value!, 1)] = value is null ? "" : Fields(value).Select(one => one.Value?.ToStringUtf8() ?? $"{one.Whole}").FirstOrDefault() ?? "";
        }

        return attributes;
    }

    private static async Task KeepAsync(HttpContext context, ConcurrentQueue<byte[]> bodies)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        bodies.Enqueue(body.ToArray());
        context.Response.ContentType = "application/x-protobuf";
    }

    // Resource, scope, item: each a message within the one before.
    private static IEnumerable<ByteString> Leaves(byte[] body, params int[] path)
        => path.Aggregate(
            (IEnumerable<ByteString>)[ByteString.CopyFrom(body)],
            (messages, field) => messages.SelectMany(message => Fields(message).Where(one => one.Number == field).Select(one => one.Value!)));

    private static List<(int Number, ByteString? Value, ulong Whole)> Fields(ByteString message)
    {
        var input = message.CreateCodedInput();
        var fields = new List<(int, ByteString?, ulong)>();
        while (input.ReadTag() is not 0 and var tag)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited:
                    fields.Add((number, input.ReadBytes(), 0));
                    break;
                case WireFormat.WireType.Varint:
                    fields.Add((number, null, input.ReadUInt64()));
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return fields;
    }
}

/// <summary>A span as it came.</summary>
internal sealed record ReceivedSpan(string TraceId, string SpanId, string ParentId, string Name, IReadOnlyDictionary<string, string> Attributes)
{
    public static ReceivedSpan Read(ByteString span)
        => new(
            OtlpReceiver.Hex(span, 1),
            OtlpReceiver.Hex(span, 2),
            OtlpReceiver.Hex(span, 4),
            OtlpReceiver.Text(span, 5),
            OtlpReceiver.Attributes(span, 9));
}
