using System.Diagnostics;
using System.Diagnostics.Metrics;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;

namespace LexyHub.Core.Telemetry;

/// <summary>Spans and metrics of calls of models, named by OpenTelemetry's conventions for generative AI
/// (github.com/open-telemetry/semantic-conventions-genai). They hold no text that is sent or received.</summary>
/// <param name="provider"><c>openai</c> or <c>azure.ai.openai</c>.</param>
/// <param name="model">As it is asked for.</param>
/// <param name="address">Of the service.</param>
internal sealed class ModelTelemetry(string provider, string model, Uri address)
{
    /// <summary>Name of the source and of the meter.</summary>
    public const string Name = "LexyHub.Models";

    // Both as the conventions advise.
    private static readonly double[] DurationBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly long[] TokenBounds = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "How long calls of models took, with their repetitions.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds });
    private static readonly Histogram<long> Tokens = Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens of one call.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = TokenBounds });

    /// <summary>Of the provider that the settings choose.</summary>
    public static ModelTelemetry Of(ProviderKind kind, string model, Uri address)
        => new(kind == ProviderKind.Azure ? "azure.ai.openai" : "openai", model, address);

    /// <summary>Calls the model within a span.</summary>
    /// <param name="operation"><c>embeddings</c> or <c>chat</c>.</param>
    /// <param name="call">The call.</param>
    /// <param name="describe">What its answer says of itself.</param>
    public async Task<T> CallAsync<T>(string operation, Func<Task<T>> call, Func<T, ModelUsage> describe)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var tags = Tags(operation);
        using var activity = Source.StartActivity(ActivityKind.Client, tags: tags, name: $"{operation} {model}");
        string? error = null;
        try
        {
            var answer = await call();
            var usage = describe(answer);
            Show(activity, usage, tags);
            return answer;
        }
        catch (Exception e)
        {
            error = TypeOf(e);
            activity?.SetTag(TelemetryTags.ErrorType, error);
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            Duration.Record(
                Stopwatch.GetElapsedTime(startedAt).TotalSeconds,
                error is null ? tags : [.. tags, new KeyValuePair<string, object?>(TelemetryTags.ErrorType, error)]);
        }
    }

    // The provider's own words are left to the answer and the log, which mask keys in them.
    private static string TypeOf(Exception exception) => exception switch
    {
        ProviderRefusedException { Refusal: var refusal } => refusal.Code ?? ((int)refusal.Status).ToString(System.Globalization.CultureInfo.InvariantCulture),
        RemoteServiceException remote => remote.Code,
        JobException job => job.Code,
        OperationCanceledException => "cancelled",
        _ => exception.GetType().Name,
    };

    private static void Show(Activity? activity, ModelUsage usage, KeyValuePair<string, object?>[] tags)
    {
        Count("input", usage.InputTokens);
        Count("output", usage.OutputTokens);
        if (usage.ResponseModel is not null)
        {
            activity?.SetTag("gen_ai.response.model", usage.ResponseModel);
        }

        if (usage.FinishReason is not null)
        {
            activity?.SetTag("gen_ai.response.finish_reasons", new[] { usage.FinishReason });
        }

        void Count(string type, long? count)
        {
            if (count is { } tokens)
            {
                activity?.SetTag($"gen_ai.usage.{type}_tokens", tokens);
                Tokens.Record(tokens, [.. tags, new("gen_ai.token.type", type)]);
            }
        }
    }

    private KeyValuePair<string, object?>[] Tags(string operation) =>
    [
        new("gen_ai.operation.name", operation),
        new("gen_ai.provider.name", provider),
        new("gen_ai.request.model", model),
        new("server.address", address.Host),
        new("server.port", address.Port),
    ];
}

/// <summary>What a model's answer says of itself.</summary>
/// <param name="InputTokens">Null where it does not say.</param>
/// <param name="OutputTokens">Null where it does not say, or has none.</param>
/// <param name="ResponseModel">Null where it does not say.</param>
/// <param name="FinishReason">Of a chat; null where it does not say.</param>
internal sealed record ModelUsage(long? InputTokens, long? OutputTokens = null, string? ResponseModel = null, string? FinishReason = null);
