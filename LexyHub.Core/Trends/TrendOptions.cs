using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Trends;

/// <summary>Section <c>Trends</c>. The outside sources have sections of their own below it.</summary>
public sealed class TrendOptions
{
    /// <summary>Readings that one transaction handles, about: more make a run faster (each
    /// batch joins the keywords once) and its batches longer.</summary>
    [Range(100, 1_000_000)]
    public int BatchReadings { get; set; } = 100_000;

    /// <summary>Days of a term's history that are read beside its new readings: two years, so that seasons can be compared.</summary>
    [Range(35, 3_650)]
    public int HistoryDays { get; set; } = 800;

    /// <summary>Readings that importers pushed into <c>lexyhub_jobs.signals</c>.</summary>
    public SignalsOptions Signals { get; set; } = new();

    /// <summary>What LexyHub's own listings show.</summary>
    public SyntheticOptions Synthetic { get; set; } = new();
}

/// <summary>Section <c>Trends:Signals</c>.</summary>
public sealed class SignalsOptions
{
    /// <summary>Off: pushed readings are kept, and left out of every trend.</summary>
    public bool Enabled { get; set; } = true;
}

/// <summary>Section <c>Trends:Synthetic</c>.</summary>
public sealed class SyntheticOptions
{
    public bool Enabled { get; set; } = true;

    /// <summary>Days of statistics that the first run reads.</summary>
    [Range(2, 800)]
    public int HistoryDays { get; set; } = 120;

    /// <summary>True: views and favorites of <c>listing_stats</c> are running totals, as Etsy gives them, and a day's interest is
    /// what they grew by. False: each row holds that day's own.</summary>
    public bool StatsAreTotals { get; set; } = true;

    /// <summary>What a favourite counts beside a view.</summary>
    [Range(0, 1_000)]
    public double FavoriteWeight { get; set; } = 10;

    /// <summary>What a listing counts on the day it is published.</summary>
    [Range(0, 1_000)]
    public double NewListingWeight { get; set; } = 20;
}
