using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Tests.Telemetry;

/// <summary>What is logged, with the values of the scopes that it stands in.</summary>
internal sealed class ScopedLog : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<(string Message, string Scope)> lines = new();
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    public IReadOnlyList<(string Message, string Scope)> Lines => [.. lines];

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(ScopedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => log.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = new List<string>();
            log.scopes.ForEachScope(
                static (scope, values) => values.AddRange(
                    scope is IEnumerable<KeyValuePair<string, object?>> pairs ? pairs.Select(pair => $"{pair.Key}={pair.Value}") : []),
                values);
            log.lines.Enqueue((formatter(state, exception), string.Join(' ', values)));
        }
    }
}
