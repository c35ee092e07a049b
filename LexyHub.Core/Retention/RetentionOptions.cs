using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Retention;

/// <summary>Section <c>Retention</c>: how long what the jobs wrote is kept. LexyHub's own facts (keywords, listings,
/// <c>trend_series</c>, clusters) are never deleted, whatever stands here.</summary>
public sealed class RetentionOptions
{
    /// <summary>Jobs remove what is too old once a UTC day. <c>lexyhub prune</c> does it whatever this says.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>What one run may spend on it, at its end; the next runs go on.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan TimePerRun { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Rows of <c>job_runs</c> with their answers. The newest 100 of each job, and its last success, are kept whatever their age.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan Runs { get; set; } = TimeSpan.FromDays(400);

    /// <summary>The stored bodies of answers; the run's row keeps counts and errors.</summary>
    [Range(typeof(TimeSpan), "2.00:00:00", "36500.00:00:00")]
    public TimeSpan Answers { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Idempotency keys, which mean nothing after 24 hours.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan IdempotencyKeys { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Readings in <c>lexyhub_jobs.signals</c>, by their day. At least <c>Trends:HistoryDays</c>.</summary>
    [Range(typeof(TimeSpan), "30.00:00:00", "36500.00:00:00")]
    public TimeSpan Signals { get; set; } = TimeSpan.FromDays(1_200);

    /// <summary>Rows of quarantines whose keyword is gone, since the last refusal.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan Quarantine { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Work that a job saved to go on with, since it was begun: after a day no job goes on with it.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan Checkpoints { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Vectors in <c>embeddings</c> whose term no keyword has, since they were written: LexyHub may still compare with them.</summary>
    [Range(typeof(TimeSpan), "7.00:00:00", "36500.00:00:00")]
    public TimeSpan UnusedVectors { get; set; } = TimeSpan.FromDays(365);
}
