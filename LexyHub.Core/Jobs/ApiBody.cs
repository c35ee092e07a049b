using System.Text.Json;

namespace LexyHub.Core.Jobs;

/// <summary>Reads the JSON that a caller sends.</summary>
internal static class ApiBody
{
    /// <summary>Of a body; none that we take is nearly as long.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <param name="request">Whose body is read to its end.</param>
    /// <param name="example">What it should look like, for the error.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="JobException">400 or 413 <c>body-invalid</c>.</exception>
    public static async Task<T> ReadAsync<T>(ApiRequest request, string example, CancellationToken cancellationToken)
        where T : class
    {
        using var copy = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            copy.Write(chunk, 0, read);
            if (copy.Length > MaxBytes)
            {
                throw new JobException("body-invalid", 413, $"The body is longer than {MaxBytes / 1024} KiB.");
            }
        }

        try
        {
            return JsonSerializer.Deserialize<T>(copy.GetBuffer().AsSpan(0, (int)copy.Length), JobJson.Options) ?? throw Malformed(example);
        }
        catch (JsonException)
        {
            throw Malformed(example);
        }
    }

    private static JobException Malformed(string example)
        => new("body-invalid", 400, $"The body is not the JSON that is expected here, which looks like {example}.");
}
