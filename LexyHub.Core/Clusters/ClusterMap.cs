using System.Numerics.Tensors;

namespace LexyHub.Core.Clusters;

/// <summary>A place on the two-dimensional map of the clusters, each axis −1 to 1.</summary>
internal readonly record struct MapPoint(double X, double Y);

/// <summary>The clusters in two dimensions: the first two principal components of their centroids, turned and mirrored to lie
/// as near as may be to where the same clusters lay before.</summary>
internal static class ClusterMap
{
    private const int Rounds = 200;
    private const double Converged = 1e-9;

    /// <param name="centroids">Of one length.</param>
    /// <param name="before">Where each cluster lay; null for one that is new.</param>
    /// <returns>In the order of the centroids.</returns>
    public static MapPoint[] Place(IReadOnlyList<float[]> centroids, IReadOnlyList<MapPoint?> before)
    {
        if (centroids.Count < 2)
        {
            return new MapPoint[centroids.Count];
        }

        var centred = Centre(centroids);
        var first = Component(centred, []);
        var second = Component(centred, [first]);
        var points = centred.Select(row => new MapPoint(TensorPrimitives.Dot(row, first), TensorPrimitives.Dot(row, second))).ToArray();
        var reach = points.Max(point => Math.Max(Math.Abs(point.X), Math.Abs(point.Y)));
        if (reach <= 0)
        {
            return points;
        }

        // To the longest distance from the middle, which no turn changes, so that all stay within the square.
        var scale = 1 / points.Max(point => Math.Sqrt((point.X * point.X) + (point.Y * point.Y)));
        var scaled = points.Select(point => new MapPoint(point.X * scale, point.Y * scale)).ToArray();
        return Align(scaled, before);
    }

    private static List<float[]> Centre(IReadOnlyList<float[]> rows)
    {
        var mean = new float[rows[0].Length];
        foreach (var row in rows)
        {
            TensorPrimitives.Add(mean, row, mean);
        }

        TensorPrimitives.Divide(mean, rows.Count, mean);
        return [.. rows.Select(row =>
        {
            var centred = new float[row.Length];
            TensorPrimitives.Subtract(row, mean, centred);
            return centred;
        })];
    }

    // Power iteration, kept at right angles to the components already found. The start is the row farthest out, so that the
    // result follows from the data alone.
    private static float[] Component(List<float[]> rows, float[][] found)
    {
        var direction = (float[])rows.Select(row => Deflate((float[])row.Clone(), found))
            .MaxBy(row => TensorPrimitives.SumOfSquares<float>(row))!.Clone();
        if (!Normalize(direction))
        {
            return direction;
        }

        var next = new float[direction.Length];
        for (var round = 0; round < Rounds; round++)
        {
            Array.Clear(next);
            foreach (var row in rows)
            {
                TensorPrimitives.MultiplyAdd(row, TensorPrimitives.Dot(row, direction), next, next);
            }

            Deflate(next, found);
            if (!Normalize(next))
            {
                break;
            }

            var moved = 1 - Math.Abs(TensorPrimitives.Dot(next, direction));
            (direction, next) = (next, direction);
            if (moved < Converged)
            {
                break;
            }
        }

        return FixSign(direction);
    }

    private static float[] Deflate(float[] vector, float[][] found)
    {
        foreach (var component in found)
        {
            TensorPrimitives.MultiplyAdd(component, -TensorPrimitives.Dot(vector, component), vector, vector);
        }

        return vector;
    }

    private static bool Normalize(float[] vector)
    {
        var length = TensorPrimitives.Norm<float>(vector);
        if (length < 1e-12f)
        {
            Array.Clear(vector);
            return false;
        }

        TensorPrimitives.Divide(vector, length, vector);
        return true;
    }

    // The direction of a component is arbitrary: its largest part shall be positive.
    private static float[] FixSign(float[] component)
    {
        if (component[TensorPrimitives.IndexOfMaxMagnitude<float>(component)] < 0)
        {
            TensorPrimitives.Negate(component, component);
        }

        return component;
    }

    // The orthogonal map nearest to the earlier places (Schönemann 1966), in closed form for two dimensions: the better of the
    // best turn and the best turn after mirroring.
    private static MapPoint[] Align(MapPoint[] points, IReadOnlyList<MapPoint?> before)
    {
        var (turn, mirror) = (Fit(points, before, mirrored: false), Fit(points, before, mirrored: true));
        if (turn.Strength <= 0 && mirror.Strength <= 0)
        {
            return points;
        }

        var sign = mirror.Strength > turn.Strength ? -1 : 1;
        var (sin, cos) = Math.SinCos(sign < 0 ? mirror.Angle : turn.Angle);
        return [.. points.Select(point => new MapPoint((cos * point.X) - (sin * sign * point.Y), (sin * point.X) + (cos * sign * point.Y)))];
    }

    private static (double Strength, double Angle) Fit(MapPoint[] points, IReadOnlyList<MapPoint?> before, bool mirrored)
    {
        double along = 0, across = 0;
        for (var i = 0; i < points.Length; i++)
        {
            if (before[i] is { } earlier)
            {
                var (x, y) = (points[i].X, mirrored ? -points[i].Y : points[i].Y);
                along += (x * earlier.X) + (y * earlier.Y);
                across += (x * earlier.Y) - (y * earlier.X);
            }
        }

        return (Math.Sqrt((along * along) + (across * across)), Math.Atan2(across, along));
    }
}
