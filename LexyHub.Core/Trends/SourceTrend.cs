namespace LexyHub.Core.Trends;

/// <summary>One row of <c>trend_series</c>: a reading judged by the readings up to its day alone.</summary>
/// <param name="Score">0–1.</param>
/// <param name="Velocity">Change of the score per 7 days, −1 to 1.</param>
/// <param name="ExpectedGrowth30d">Expected relative change of the score in 30 days, −1 to 20; 0.25 is a quarter more.</param>
public readonly record struct SeriesPoint(DateOnly Day, double Score, double Velocity, double ExpectedGrowth30d);

/// <summary>One source's view of a term today.</summary>
/// <param name="Score">0–1, of the latest reading.</param>
/// <param name="Velocity">Change of the score per 7 days, −1 to 1.</param>
/// <param name="Momentum">0.6·score + 0.4·velocity within 0–1; neither shrunk nor decayed: <see cref="TrendMomentum.Combine"/> does both.</param>
/// <param name="ExpectedGrowth30d">Expected relative change of the score in 30 days, −1 to 20.</param>
/// <param name="Evidence">0–1, by the number of recent readings; 0 where there is none.</param>
/// <param name="LastReading">Day of the latest reading; the minimum where there is none.</param>
/// <param name="CadenceDays">Days between readings.</param>
/// <param name="StaleDays">Whole days that the next reading is overdue; 0 while it is not.</param>
public readonly record struct SourceTrend(
    string Source,
    double Score,
    double Velocity,
    double Momentum,
    double ExpectedGrowth30d,
    double Evidence,
    SurgeResult Surge,
    DateOnly LastReading,
    double CadenceDays,
    int StaleDays);
