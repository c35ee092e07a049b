using System.Runtime.InteropServices;
using LexyHub.Cli.Output;

namespace LexyHub.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks for a stop at the next batch, the second ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CliConsole console;
    private readonly CancellationTokenSource stop = new();
    private readonly PosixSignalRegistration[] registrations;

    public StopSignals(CliConsole console)
    {
        this.console = console;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    public CancellationToken Token => stop.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (stop.IsCancellationRequested)
        {
            // Left to the system's default, which ends the process.
            return;
        }

        context.Cancel = true;
        console.Note("Stopping at the next batch; a second Ctrl-C ends at once.");
        stop.Cancel();
    }
}
