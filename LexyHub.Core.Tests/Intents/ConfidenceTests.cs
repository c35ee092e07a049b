using LexyHub.Core.Intents;

namespace LexyHub.Core.Tests.Intents;

public sealed class ConfidenceTests
{
    [Theory]
    [InlineData(CalibrationMethod.Isotonic)]
    [InlineData(CalibrationMethod.Platt)]
    public void Fit_OverconfidentClassifier_IsBroughtDownToItsRate(CalibrationMethod method)
    {
        // Says 0.6 and 0.95, and is right 30 % and 70 % of the time.
        var answers = Enumerable.Range(0, 2_000).Select(i => i % 2 == 0 ? (0.6, i / 2 % 10 < 3) : (0.95, i / 2 % 10 < 7)).ToList();

        var map = CalibrationFit.Fit(answers, method);

        Assert.Equal(0.3, map.Apply(0.6), 0.02);
        Assert.Equal(0.7, map.Apply(0.95), 0.02);
        Assert.Equal(map.Points.Select(point => map.Apply(point.Number)).Order(), map.Points.Select(point => point.Probability));
    }

    [Fact]
    public void Fit_SurerWhereWronger_DoesNotTurnTheOrderRound()
    {
        var answers = Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? (0.6, true) : (0.95, i % 4 == 1)).ToList();

        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Assert.True(CalibrationFit.Fit(answers, method).Apply(0.95) >= CalibrationFit.Fit(answers, method).Apply(0.6) - 1e-9);
    }

    [Fact]
    public void Parse_WhatWriteMade_IsTheSameMap()
    {
        var map = new ConfidenceMap(CalibrationMethod.Isotonic, 321, [new(0.25, 0.3), new(0.5, 0.4375), new(0.9, 0.9)]);

        var read = CalibrationFile.Parse(new StringReader(CalibrationFile.Write(map)))!;

        Assert.Equal((map.Method, map.Phrases), (read.Method, read.Phrases));
        Assert.Equal(map.Points, read.Points);
        Assert.Equal([0.3, 0.36875, 0.9], [read.Apply(0), read.Apply(0.375), read.Apply(1)]);
        Assert.Null(CalibrationFile.Parse(new StringReader("")));
        Assert.Throws<InvalidDataException>(() => CalibrationFile.Parse(new StringReader("magic,5\n0.1,0.2\n")));
    }

    // By hand: F1 of informational 2*1/(2+1), of commercial 2*1/(1+2), of the two others 0.
    [Fact]
    public void Evaluation_FewPhrases_AreTheNumbersMadeByHand()
    {
        var evaluation = new ClassifierEvaluation(
        [
            new(PurchaseIntent.Informational, PurchaseIntent.Informational, 0.9),
            new(PurchaseIntent.Informational, PurchaseIntent.Commercial, 0.4),
            new(PurchaseIntent.Commercial, PurchaseIntent.Commercial, 0.8),
        ]);

        Assert.Equal(2 / 3d, evaluation.Accuracy, 6);
        Assert.Equal((2 / 3d + 2 / 3d) / 4, evaluation.MacroF1, 6);
        Assert.Equal((0.01 + 0.16 + 0.04) / 3, evaluation.Brier, 6);
        Assert.Equal((0.1 + 0.4 + 0.2) / 3, evaluation.CalibrationError, 6);
    }
}
