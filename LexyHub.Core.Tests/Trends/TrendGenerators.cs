using CsCheck;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Tests.Trends;

/// <summary>Histories as sources deliver them: ascending days, gaps, zeros, spikes.</summary>
internal static class TrendGenerators
{
    public static readonly DateOnly FirstDay = new(2023, 3, 1);

    public static readonly Gen<double> Value = Gen.OneOf(
        Gen.Double[0, 100], Gen.Int[0, 20].Select(i => (double)i), Gen.Const(0.0), Gen.Double[100, 5_000]);

    public static readonly Gen<int> Gap = Gen.OneOf(Gen.Const(1), Gen.Const(7), Gen.Int[1, 40]);

    public static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    public static Gen<Reading[]> History(int fewest, int most)
        => Gap.SelectMany(usual => Gen.Select(Gen.OneOf(Gen.Const(usual), Gap), Value).Array[fewest, most]).Select(FromGaps);

    public static readonly Gen<SourceScale> Scale = Gen.Select(
        AnyOf(SignalScale.Unit, SignalScale.Index, SignalScale.Count, SignalScale.Percent),
        Gen.Double[0.5, 1_000],
        (kind, reference) => new SourceScale("made", kind, reference));

    public static readonly Gen<SourceTrend> SourceTrend = Gen.Select(
        AnyOf("google-trends", "pinterest", "reddit", "signals", "synthetic"),
        History(0, 40),
        Scale,
        Gen.Int[0, 400],
        (source, history, scale, later) => TrendMomentum.EvaluateSource(
            history, scale with { Source = source }, FirstDay.AddDays(later)));

    public static Reading[] Daily(params double[] values) => Every(1, values);

    public static Reading[] Every(int days, params double[] values)
        => [.. values.Select((value, i) => new Reading(FirstDay.AddDays(i * days), value))];

    public static Reading[] Times(this IEnumerable<Reading> history, double factor)
        => [.. history.Select(reading => reading with { Value = reading.Value * factor })];

    private static Reading[] FromGaps((int Gap, double Value)[] steps)
    {
        var day = FirstDay;
        return [.. steps.Select(step => new Reading(day = day.AddDays(step.Gap), step.Value))];
    }
}
