using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>Stands before a PostgreSQL and passes everything on, until it is told to swallow what clients send.</summary>
internal sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource swallowed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string host;
    private readonly int port;
    private volatile bool isSilent;

    private SilentProxy(string connectionString)
    {
        var target = new NpgsqlConnectionStringBuilder(connectionString);
        (host, port) = (target.Host!, target.Port);
        listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)listener.LocalEndpoint).Port,
        }.ConnectionString;
        _ = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>Done once something was swallowed.</summary>
    public Task Swallowed => swallowed.Task;

    public static SilentProxy Before(string connectionString) => new(connectionString);

    public void FallSilent() => isSilent = true;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stopping.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(host, port, stopping.Token);
                await Task.WhenAny(PassAsync(client, server, swallows: true), PassAsync(server, client, swallows: false));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // One of the two has gone.
            }
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool swallows)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.GetStream().ReadAsync(buffer, stopping.Token)) > 0)
        {
            if (swallows && isSilent)
            {
                swallowed.TrySetResult();
                continue;
            }

            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), stopping.Token);
        }
    }
}
