using System.Globalization;

namespace LexyHub.Core.Jobs;

/// <summary>Reads query parameters; one that is no good is answered with 400 and what it may be.</summary>
internal static class ApiParameters
{
    /// <exception cref="JobException">400 <c>parameter-invalid</c>.</exception>
    public static int Integer(this ApiRequest request, string name, int byDefault, int min, int max)
    {
        if (request.Text(name) is not { } text)
        {
            return byDefault;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw Invalid($"{name} must be a whole number from {min} to {max}.");
    }

    /// <returns>One of <paramref name="allowed"/>; null where the parameter is left out.</returns>
    /// <exception cref="JobException">400 <c>parameter-invalid</c>.</exception>
    public static string? OneOf(this ApiRequest request, string name, params string[] allowed)
        => request.Text(name) is not { } text ? null
            : allowed.Contains(text) ? text
            : throw Invalid($"{name} must be one of {string.Join(", ", allowed)}.");

    /// <returns>The text, trimmed; null where it is left out or blank.</returns>
    public static string? Text(this ApiRequest request, string name)
        => request.Query.TryGetValue(name, out var text) && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    public static JobException Invalid(string message) => new("parameter-invalid", 400, message);
}
