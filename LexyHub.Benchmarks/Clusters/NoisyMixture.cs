namespace LexyHub.Benchmarks.Clusters;

/// <summary>Vectors about as keywords' are: each in the middle of its topic but for noise; topics of unequal size; a twentieth
/// belongs to none. The same numbers each time.</summary>
internal sealed class NoisyMixture(int topics, int dimensions)
{
    private const float Noise = 1.2f;
    private const double Alone = 0.05;

    private readonly Dictionary<int, float[]> middles = [];

    public float[] Vector(int number)
    {
        var random = new Random(number);
        var isAlone = random.NextDouble() < Alone;

        // The square makes the first topics the largest.
        var topic = (int)(topics * random.NextDouble() * random.NextDouble());
        var vector = Direction(random);
        if (isAlone)
        {
            return vector;
        }

        if (!middles.TryGetValue(topic, out var middle))
        {
            middles[topic] = middle = Direction(new Random(-1 - topic));
        }

        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = (vector[i] * Noise) + middle[i];
        }

        return vector;
    }

    private float[] Direction(Random random)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = random.NextSingle() - 0.5f;
        }

        return vector;
    }
}
