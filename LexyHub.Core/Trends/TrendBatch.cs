using System.Buffers;
using System.Text;
using System.Text.Json;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Trends;

/// <summary>What a batch writes, column by column, as <c>unnest</c> takes it. Values are rounded to their columns' scale
/// here, so that "changed" means changed in the database.</summary>
/// <param name="now">For <c>extras.trend.updatedAt</c>.</param>
internal sealed class TrendBatch(DateTimeOffset now)
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JobJson.Options.Encoder, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> buffer = new(512);

    public List<string> SeriesTerms { get; } = [];

    public List<string> SeriesSources { get; } = [];

    public List<DateOnly> SeriesDays { get; } = [];

    public List<decimal> SeriesScores { get; } = [];

    public List<decimal> SeriesVelocities { get; } = [];

    public List<decimal> SeriesGrowths { get; } = [];

    public List<string> Terms { get; } = [];

    public List<decimal> Momenta { get; } = [];

    public List<decimal> Growths { get; } = [];

    public List<decimal> Confidences { get; } = [];

    public List<bool> Surges { get; } = [];

    /// <summary>An object with <c>trend</c> alone, as JSON, to be merged into <c>extras</c>: PostgreSQL reads text faster than it
    /// builds objects.</summary>
    public List<string> Extras { get; } = [];

    public List<DateOnly> LastReadings { get; } = [];

    public List<DateOnly?> DueDays { get; } = [];

    public List<string> DoneTerms { get; } = [];

    public List<long> DoneVersions { get; } = [];

    public void AddSeries(string term, string source, ReadOnlySpan<SeriesPoint> points)
    {
        foreach (var point in points)
        {
            SeriesTerms.Add(term);
            SeriesSources.Add(source);
            SeriesDays.Add(point.Day);
            SeriesScores.Add(Round(point.Score, 4));
            SeriesVelocities.Add(Round(point.Velocity, 4));
            SeriesGrowths.Add(Round(point.ExpectedGrowth30d, 4));
        }
    }

    public void AddTrend(string term, TermTrend trend, DateOnly lastReading, DateOnly? dueOn)
    {
        var momentum = Round(trend.Momentum, 3);
        var growth = Round(trend.ExpectedGrowth30d, 4);
        Terms.Add(term);
        Momenta.Add(momentum);
        Growths.Add(growth);
        Confidences.Add(Round(trend.Confidence, 3));
        Surges.Add(trend.Surge);
        Extras.Add(ToJson(trend));
        LastReadings.Add(lastReading);
        DueDays.Add(momentum == 0 && growth == 0 ? null : dueOn);
    }

    public void AddDone(DueTerm term)
    {
        DoneTerms.Add(term.Term);
        DoneVersions.Add(term.Version);
    }

    private string ToJson(TermTrend trend)
    {
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("trend");
            WriteNumber(writer, "momentum", trend.Momentum, 3);
            WriteNumber(writer, "expectedGrowth30d", trend.ExpectedGrowth30d, 4);
            writer.WriteStartArray("contributors");
            foreach (var contributor in trend.Contributors)
            {
                writer.WriteStartObject();
                writer.WriteString("source", contributor.Source);
                WriteNumber(writer, "weight", contributor.Weight, 3);
                WriteNumber(writer, "momentum", contributor.Momentum, 3);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            WriteNumber(writer, "confidence", trend.Confidence, 3);
            writer.WriteBoolean("surge", trend.Surge);
            writer.WriteString("updatedAt", now.UtcDateTime);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, double value, int digits)
    {
        writer.WritePropertyName(name);
        writer.WriteNumberValue(Round(value, digits));
    }

    // Away from zero, as numeric rounds. As decimal, which PostgreSQL takes as it is; a double would be printed and parsed there.
    private static decimal Round(double value, int digits)
    {
        var scale = digits == 3 ? 1_000 : 10_000;
        return new decimal((long)Math.Round(value * scale, MidpointRounding.AwayFromZero)) / scale;
    }
}
