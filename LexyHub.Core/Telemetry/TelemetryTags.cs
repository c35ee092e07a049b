namespace LexyHub.Core.Telemetry;

/// <summary>Names of attributes that spans and metrics share.</summary>
internal static class TelemetryTags
{
    public const string Job = "lexyhub.job.name";
    public const string Status = "lexyhub.run.status";
    public const string Trigger = "lexyhub.run.trigger";
    public const string Outcome = "lexyhub.item.outcome";
    public const string ErrorType = "error.type";
}
