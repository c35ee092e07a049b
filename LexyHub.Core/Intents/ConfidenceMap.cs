namespace LexyHub.Core.Intents;

/// <summary>How the numbers of a classifier become probabilities.</summary>
public enum CalibrationMethod
{
    /// <summary>Steps that never fall (pool adjacent violators), joined by straight lines. For many labelled phrases.</summary>
    Isotonic,

    /// <summary>A logistic curve over the number's log-odds. For few.</summary>
    Platt,
}

/// <summary>
/// The probability that a classification is right, by the number that its classifier gave: a line through <see cref="Points"/>,
/// which rise in both co-ordinates, and level before the first and after the last.
/// </summary>
/// <param name="Phrases">Labelled phrases that it was fitted to.</param>
public sealed record ConfidenceMap(CalibrationMethod Method, int Phrases, IReadOnlyList<ConfidencePoint> Points)
{
    /// <param name="number">0–1, as the classifier says.</param>
    /// <returns>0–1.</returns>
    public double Apply(double number)
    {
        if (number <= Points[0].Number)
            return Points[0].Probability;

        for (var i = 1; i < Points.Count; i++)
        {
            var (left, right) = (Points[i - 1], Points[i]);
            if (number <= right.Number)
                return left.Probability + ((right.Probability - left.Probability) * (number - left.Number) / (right.Number - left.Number));
        }

        return Points[^1].Probability;
    }
}

public sealed record ConfidencePoint(double Number, double Probability);
