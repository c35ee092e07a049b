using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>OpenAI's <c>/v1/embeddings</c> on loopback: answers at once, in base64 of full size, and counts what it is asked.</summary>
internal sealed class VectorService(IReadOnlyList<float[]> vectors) : IAsyncDisposable
{
    private const int FlushBytes = 1 << 18;

    private readonly byte[][] items = [.. vectors.Select(vector => Encoding.ASCII.GetBytes(
        $$"""{"object":"embedding","embedding":"{{Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan()))}}","index":"""))];

    private LoopbackServer? server;
    private int requests;

    /// <summary>Answered so far.</summary>
    public int Requests => Volatile.Read(ref requests);

    public async Task<Uri> StartAsync()
    {
        server = await LoopbackServer.StartAsync(AnswerAsync);
        return new Uri(server.Address + "/v1");
    }

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task AnswerAsync(HttpContext http)
    {
        int count;
        using (var body = await JsonDocument.ParseAsync(http.Request.Body))
        {
            count = body.RootElement.GetProperty("input").GetArrayLength();
        }

        Interlocked.Increment(ref requests);
        http.Response.ContentType = "application/json";
        var writer = http.Response.BodyWriter;
        writer.Write("""{"object":"list","data":["""u8);
        for (var i = 0; i < count; i++)
        {
            writer.Write(items[i % items.Length]);
            WriteNumber(writer, i);
            writer.Write(i == count - 1 ? "}"u8 : "},"u8);
            if (writer.UnflushedBytes > FlushBytes)
            {
                await writer.FlushAsync();
            }
        }

        writer.Write(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $$$"""],"model":"text-embedding-3-large","usage":{"prompt_tokens":{{{count}}},"total_tokens":{{{count}}}}}""")));
        await writer.FlushAsync();
    }

    private static void WriteNumber(PipeWriter writer, int number)
    {
        Utf8Formatter.TryFormat(number, writer.GetSpan(11), out var written);
        writer.Advance(written);
    }
}
