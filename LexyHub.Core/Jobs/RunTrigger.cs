namespace LexyHub.Core.Jobs;

/// <summary>What asked for a run. It decides the time budget, nothing else.</summary>
public enum RunTrigger
{
    /// <summary>Its schedule.</summary>
    Timer,

    /// <summary>A call of its endpoint.</summary>
    Http,

    /// <summary>A person at a terminal: no time budget unless one is given.</summary>
    Cli,
}
