using LexyHub.Cli;
using LexyHub.Cli.Output;

var console = CliConsole.ForProcess();
using var signals = new StopSignals(console);
return await CliApplication.RunAsync(args, new CliEnvironment(console, Directory.GetCurrentDirectory()), signals.Token);
