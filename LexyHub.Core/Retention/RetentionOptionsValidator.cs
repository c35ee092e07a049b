using LexyHub.Core.Trends;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Retention;

/// <summary>Readings that trend-aggregation still reads may not be removed.</summary>
internal sealed class RetentionOptionsValidator(IOptions<TrendOptions> trends) : IValidateOptions<RetentionOptions>
{
    public ValidateOptionsResult Validate(string? name, RetentionOptions options)
        => options.Signals >= TimeSpan.FromDays(trends.Value.HistoryDays)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Retention:Signals ({options.Signals.TotalDays:0} days) must be at least Trends:HistoryDays ({trends.Value.HistoryDays}).");
}
