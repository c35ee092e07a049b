namespace LexyHub.Core.Intents;

/// <summary>Fits a <see cref="ConfidenceMap"/> to what a classifier said and whether it was right.</summary>
public static class CalibrationFit
{
    /// <summary>Below it a curve of two parameters is fitted instead of steps (Niculescu-Mizil and Caruana 2005 put the boundary at about a thousand).</summary>
    public const int FewestForIsotonic = 1_000;

    /// <summary>Below it there is no use in either.</summary>
    public const int FewestPhrases = 50;

    private const double Edge = 1e-3;
    private const int CurvePoints = 33;

    /// <param name="answers">The classifier's number, 0–1, and whether its intent was the labelled one; at least <see cref="FewestPhrases"/>.</param>
    public static ConfidenceMap Fit(IReadOnlyList<(double Number, bool Right)> answers)
        => Fit(answers, answers.Count < FewestForIsotonic ? CalibrationMethod.Platt : CalibrationMethod.Isotonic);

    public static ConfidenceMap Fit(IReadOnlyList<(double Number, bool Right)> answers, CalibrationMethod method)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(answers.Count, FewestPhrases);
        return new ConfidenceMap(method, answers.Count, method == CalibrationMethod.Platt ? FitCurve(answers) : FitSteps(answers));
    }

    // Pool adjacent violators (Ayer et al. 1955), each pool a point at the mean of its numbers. One phrase is added to either side
    // of each pool's rate, so that a pool of a few never says 0 or 1.
    private static List<ConfidencePoint> FitSteps(IReadOnlyList<(double Number, bool Right)> answers)
    {
        var pools = new List<(double Numbers, double Right, int Count)>();
        foreach (var group in answers.GroupBy(answer => answer.Number).OrderBy(group => group.Key))
        {
            pools.Add((group.Key * group.Count(), group.Count(answer => answer.Right), group.Count()));
            while (pools.Count > 1 && pools[^2].Right / pools[^2].Count >= pools[^1].Right / pools[^1].Count)
            {
                var last = pools[^1];
                pools.RemoveAt(pools.Count - 1);
                pools[^1] = (pools[^1].Numbers + last.Numbers, pools[^1].Right + last.Right, pools[^1].Count + last.Count);
            }
        }

        var points = new List<ConfidencePoint>();
        foreach (var (numbers, right, count) in pools)
            points.Add(new ConfidencePoint(numbers / count, Math.Max(points.Count > 0 ? points[^1].Probability : 0, (right + 1) / (count + 2))));
        return points;
    }

    // Platt (1999) with his smoothed targets, by Newton's method on slope and offset of the log-odds.
    private static List<ConfidencePoint> FitCurve(IReadOnlyList<(double Number, bool Right)> answers)
    {
        var right = answers.Count(answer => answer.Right);
        var (high, low) = ((right + 1d) / (right + 2d), 1d / (answers.Count - right + 2d));
        var (slope, offset) = (0d, Math.Log((right + 1d) / (answers.Count - right + 1d)));
        var loss = Loss(slope, offset);
        for (var step = 0; step < 100; step++)
        {
            double gradientSlope = 0, gradientOffset = 0, hessianSlope = 1e-6, hessianBoth = 0, hessianOffset = 1e-6;
            foreach (var (number, isRight) in answers)
            {
                var x = LogOdds(number);
                var p = Logistic((slope * x) + offset);
                var (error, weight) = (p - (isRight ? high : low), p * (1 - p));
                gradientSlope += error * x;
                gradientOffset += error;
                hessianSlope += weight * x * x;
                hessianBoth += weight * x;
                hessianOffset += weight;
            }

            var determinant = (hessianSlope * hessianOffset) - (hessianBoth * hessianBoth);
            var stepSlope = ((hessianOffset * gradientSlope) - (hessianBoth * gradientOffset)) / determinant;
            var stepOffset = ((hessianSlope * gradientOffset) - (hessianBoth * gradientSlope)) / determinant;

            // A whole step may go too far: half of it, and half of that, until it goes down.
            var length = 1d;
            while (length > 1e-6 && Loss(slope - (length * stepSlope), offset - (length * stepOffset)) > loss)
                length /= 2;
            (slope, offset) = (slope - (length * stepSlope), offset - (length * stepOffset));
            loss = Loss(slope, offset);
            if (length * (Math.Abs(stepSlope) + Math.Abs(stepOffset)) < 1e-9)
                break;
        }

        // A classifier that is surer where it is wronger would turn the order round: then its number says nothing.
        if (slope < 0)
            (slope, offset) = (0, Math.Log((double)Math.Max(1, right) / Math.Max(1, answers.Count - right)));
        return
        [
            .. Enumerable.Range(0, CurvePoints)
                .Select(i => Edge + ((1 - (2 * Edge)) * i / (CurvePoints - 1)))
                .Select(number => new ConfidencePoint(number, Logistic((slope * LogOdds(number)) + offset))),
        ];

        double Loss(double ofSlope, double ofOffset) => answers.Sum(answer =>
        {
            var (x, target) = ((ofSlope * LogOdds(answer.Number)) + ofOffset, answer.Right ? high : low);
            return Math.Log(1 + Math.Exp(-Math.Abs(x))) + Math.Max(x, 0) - (target * x);
        });
    }

    private static double LogOdds(double number)
    {
        var inside = Math.Clamp(number, Edge, 1 - Edge);
        return Math.Log(inside / (1 - inside));
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));
}
