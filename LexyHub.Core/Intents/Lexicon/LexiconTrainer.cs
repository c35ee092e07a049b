using System.Numerics.Tensors;

namespace LexyHub.Core.Intents;

/// <summary>
/// Fits a <see cref="LexiconNetwork"/> to labelled phrases: cross-entropy with smoothed labels, minimised by Adam with decoupled decay
/// (Loshchilov and Hutter 2019) over small batches, a row's moments moving where a batch has its feature. Features and hidden units are dropped by chance
/// (Srivastava et al. 2014), without which the words of single phrases would be learnt by heart. The same phrases give the same weights.
/// </summary>
internal sealed class LexiconTrainer
{
    /// <summary>A feature is weighed that so many phrases have: fewer say more of the phrases than of the language.</summary>
    public const int FewestPhrases = 5;

    private const int Epochs = 3;
    private const int Batch = 64;
    private const float Rate = 2e-3f;
    private const float LastRate = 0.02f;
    private const float Decay = 1e-2f;
    private const float Smoothing = 0.1f;
    private const float DroppedFeatures = 0.2f;
    private const float DroppedUnits = 0.3f;
    private const float FirstDeviation = 0.02f;
    private const float FirstMoment = 0.9f;
    private const float SecondMoment = 0.999f;
    private const int Width = LexiconNetwork.Width;
    private const int Intents = IntentTaxonomy.IntentCount;

    private readonly Random _random;
    private readonly Layer _features;
    private readonly Layer _hiddenBias = new(1, Width);
    private readonly Layer _output = new(Intents, Width);
    private readonly Layer _outputBias = new(1, Intents);
    private readonly List<int> _taken = [];
    private readonly float[] _hidden = new float[Width];
    private readonly float[] _mask = new float[Width];
    private readonly float[] _back = new float[Width];

    private LexiconTrainer(int features, int seed)
    {
        _random = new Random(seed);
        _features = new Layer(features, Width);
        _features.Fill(_random, FirstDeviation);
        _output.Fill(_random, 1 / MathF.Sqrt(3 * Width));
    }

    /// <param name="phrases">With what each counts beside the others, above 0.</param>
    /// <param name="seed">Of what is left to chance: the first weights, the order, and what is dropped.</param>
    public static LexiconWeights Fit(IReadOnlyList<(string[] Features, PurchaseIntent Intent, float Weight)> phrases, int seed)
    {
        var names = phrases
            .SelectMany(phrase => phrase.Features)
            .CountBy(name => name, StringComparer.Ordinal)
            .Where(name => name.Value >= FewestPhrases)
            .Select(name => name.Key)
            .Order(StringComparer.Ordinal)
            .ToList();
        var indices = names.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        var rows = phrases.Select(phrase => phrase.Features.Where(indices.ContainsKey).Select(name => indices[name]).ToArray()).ToArray();
        var trainer = new LexiconTrainer(names.Count, seed);
        trainer.Fit(rows, [.. phrases.Select(phrase => (int)phrase.Intent)], [.. phrases.Select(phrase => phrase.Weight)]);
        return LexiconWeights.Of(
        [
            (LexiconWeights.HiddenBias, trainer._hiddenBias.Row(0).ToArray()),
            (LexiconWeights.OutputBias, trainer._outputBias.Row(0).ToArray()),
            .. Enumerable.Range(0, Intents).Select(intent => (IntentTaxonomy.Intents[intent], trainer._output.Row(intent).ToArray())),
            .. names.Select((name, i) => (name, trainer._features.Row(i).ToArray())),
        ]);
    }

    /// <returns>The names of a text's features, each once.</returns>
    public static string[] FeaturesOf(string text, in LexiconReading reading, Lexicon lexicon)
    {
        var features = new Names(lexicon);
        LexiconFeatures.Read(text, reading, lexicon, ref features);
        return [.. features.Found.Distinct(StringComparer.Ordinal)];
    }

    private void Fit(int[][] rows, int[] intents, float[] weights)
    {
        var order = Enumerable.Range(0, rows.Length).ToArray();
        var (step, steps) = (0, Epochs * ((rows.Length + Batch - 1) / Batch));
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            _random.Shuffle(order);
            foreach (var batch in order.Chunk(Batch))
            {
                var total = batch.Sum(i => weights[i]);
                foreach (var i in batch)
                    Learn(rows[i], intents[i], weights[i] / total);
                var rate = Rate * Math.Max(LastRate, 1 - ((float)step / steps));
                step++;
                foreach (var layer in new[] { _features, _hiddenBias, _output, _outputBias })
                    layer.Step(rate, step);
            }
        }
    }

    private void Learn(int[] features, int intent, float weight)
    {
        _taken.Clear();
        _hiddenBias.Row(0).CopyTo(_hidden);
        foreach (var feature in features)
        {
            if (_random.NextSingle() < DroppedFeatures)
                continue;

            _taken.Add(feature);
            TensorPrimitives.Add(_hidden, _features.Row(feature), _hidden);
        }

        for (var i = 0; i < Width; i++)
            _mask[i] = _hidden[i] <= 0 || _random.NextSingle() < DroppedUnits ? 0 : 1 / (1 - DroppedUnits);
        TensorPrimitives.Multiply<float>(_hidden, _mask, _hidden);
        Span<float> errors = stackalloc float[Intents];
        for (var k = 0; k < Intents; k++)
            errors[k] = _outputBias.Row(0)[k] + TensorPrimitives.Dot<float>(_hidden, _output.Row(k));
        TensorPrimitives.SoftMax(errors, errors);
        for (var k = 0; k < Intents; k++)
            errors[k] = weight * (errors[k] - (k == intent ? 1 - Smoothing : 0) - (Smoothing / Intents));

        Array.Clear(_back);
        for (var k = 0; k < Intents; k++)
        {
            TensorPrimitives.MultiplyAdd(_output.Row(k), errors[k], _back, _back);
            TensorPrimitives.MultiplyAdd(_hidden, errors[k], _output.Gradient(k), _output.Gradient(k));
        }

        TensorPrimitives.Add(errors, _outputBias.Gradient(0), _outputBias.Gradient(0));
        TensorPrimitives.Multiply<float>(_back, _mask, _back);
        TensorPrimitives.Add(_back, _hiddenBias.Gradient(0), _hiddenBias.Gradient(0));
        foreach (var feature in _taken)
            TensorPrimitives.Add(_back, _features.Gradient(feature), _features.Gradient(feature));
    }

    private sealed class Layer(int rows, int width)
    {
        private readonly float[] _weights = new float[rows * width];
        private readonly float[] _gradient = new float[rows * width];
        private readonly float[] _first = new float[rows * width];
        private readonly float[] _second = new float[rows * width];
        private readonly HashSet<int> _touched = [];

        public Span<float> Row(int row) => _weights.AsSpan(row * width, width);

        public Span<float> Gradient(int row)
        {
            _touched.Add(row);
            return _gradient.AsSpan(row * width, width);
        }

        // Normal deviates (Box and Muller 1958).
        public void Fill(Random random, float deviation)
        {
            for (var i = 0; i < _weights.Length; i++)
                _weights[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        public void Step(float rate, int step)
        {
            var (first, second) = (1 - MathF.Pow(FirstMoment, step), 1 - MathF.Pow(SecondMoment, step));
            foreach (var row in _touched)
            {
                for (var i = row * width; i < (row + 1) * width; i++)
                {
                    var gradient = _gradient[i];
                    _first[i] = (FirstMoment * _first[i]) + ((1 - FirstMoment) * gradient);
                    _second[i] = (SecondMoment * _second[i]) + ((1 - SecondMoment) * gradient * gradient);
                    _weights[i] -= rate * ((_first[i] / first / (MathF.Sqrt(_second[i] / second) + 1e-8f)) + (Decay * _weights[i]));
                    _gradient[i] = 0;
                }
            }

            _touched.Clear();
        }
    }

    private sealed class Names(Lexicon lexicon) : ILexiconFeatures
    {
        public List<string> Found { get; } = [];

        public void Add(scoped LexiconFeature feature, int word) => Found.Add(feature.NameIn(lexicon));

        public bool AddWord(scoped LexiconFeature feature, int word)
        {
            Add(feature, word);
            return false;
        }
    }
}
