using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace LexyHub.Core.Tests.Data.Embedded;

/// <summary>PostgreSQL's wire protocol by hand, for what no driver does: leaving without a word, stray messages.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly TcpClient client = new();
    private NetworkStream stream = null!;

    public static async Task<WireClient> ConnectAsync(int port)
    {
        var wire = new WireClient();
        await wire.client.ConnectAsync("127.0.0.1", port);
        wire.stream = wire.client.GetStream();
        return wire;
    }

    /// <returns>The answer up to its ReadyForQuery, or the refusal.</returns>
    public static async Task<(WireClient Wire, string Types)> LogInAsync(int port, string password)
    {
        var wire = await ConnectAsync(port);
        await wire.SendStartUpAsync(196608, "user\0postgres\0\0");
        Assert.Equal('R', (await wire.ReadAsync()).Type);
        await wire.SendAsync('p', password + "\0");
        return (wire, await wire.ReadToReadyAsync());
    }

    /// <summary>A packet without a type: a code and what follows it.</summary>
    public async Task SendStartUpAsync(int code, string text = "")
    {
        var body = Encoding.UTF8.GetBytes(text);
        var packet = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(packet, packet.Length);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(4), code);
        body.CopyTo(packet, 8);
        await stream.WriteAsync(packet);
    }

    public async Task SendAsync(char type, string text = "")
    {
        var body = Encoding.Latin1.GetBytes(text);
        var packet = new byte[5 + body.Length];
        packet[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(1), 4 + body.Length);
        body.CopyTo(packet, 5);
        await stream.WriteAsync(packet);
    }

    /// <returns>The types of the messages up to a ReadyForQuery, its status behind it: <c>CZI</c>.</returns>
    public async Task<string> ReadToReadyAsync()
    {
        var types = new StringBuilder();
        for (; ; )
        {
            var (type, body) = await ReadAsync();
            types.Append(type);
            if (type == 'Z')
                return types.Append((char)body[0]).ToString();
            if (type == '\0' || (type == 'E' && Encoding.UTF8.GetString(body).Contains("FATAL")))
                return types.ToString();
        }
    }

    /// <returns>The next message; type 0 at the end of the stream.</returns>
    public async Task<(char Type, byte[] Body)> ReadAsync()
    {
        var head = new byte[5];
        if (await stream.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false) < 5)
            return ('\0', []);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
        await stream.ReadExactlyAsync(body);
        return ((char)head[0], body);
    }

    public async Task<int> ReadByteAsync()
    {
        var one = new byte[1];
        return await stream.ReadAsync(one) == 0 ? -1 : one[0];
    }

    /// <summary>Leaves as a killed process does: with a reset, without a Terminate.</summary>
    public void Abort()
    {
        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Close();
    }

    public void Dispose() => client.Dispose();
}
