using Spectre.Console;

namespace LexyHub.Cli.Output;

/// <summary>Results go to standard output, everything about how it goes to standard error.</summary>
public sealed class CliConsole(IAnsiConsole output, IAnsiConsole error)
{
    // Lines and tables in a pipe are not wrapped.
    private const int PipeWidth = 1000;

    /// <summary>Standard output.</summary>
    public IAnsiConsole Out { get; } = output;

    /// <summary>Standard error.</summary>
    public IAnsiConsole Error { get; } = error;

    /// <summary>True where a person looks on, so that progress may be drawn in place.</summary>
    public bool IsLive => Error.Profile.Out.IsTerminal;

    /// <summary>The console of this process: colours on a terminal only, and none where <c>NO_COLOR</c> is set.</summary>
    public static CliConsole ForProcess()
        => new(Create(Console.Out, !Console.IsOutputRedirected), Create(Console.Error, !Console.IsErrorRedirected));

    /// <summary>A console without colours that writes lines as they are, as in a pipe.</summary>
    public static CliConsole Plain(TextWriter output, TextWriter error) => new(Create(output, false), Create(error, false));

    /// <summary>One line of JSON, neither wrapped nor coloured.</summary>
    public void Json(string line)
    {
        Out.Profile.Out.Writer.WriteLine(line);
        Out.Profile.Out.Writer.Flush();
    }

    /// <summary>A line of a result, left to the terminal to wrap: it may hold a command to be copied.</summary>
    public void Line(string text) => Out.Profile.Out.Writer.WriteLine(text);

    /// <summary>A line to be copied off the terminal: never wrapped.</summary>
    public void Copyable(string line) => Error.Profile.Out.Writer.WriteLine(line);

    /// <summary>What failed and what to do.</summary>
    public void Fail(string message) => Error.WriteLine(message, new Style(Color.Red));

    /// <summary>How it goes.</summary>
    public void Note(string message) => Error.WriteLine(message, new Style(Color.Grey));

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal)
    {
        var noColor = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal && !noColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!isTerminal)
        {
            console.Profile.Width = PipeWidth;
        }

        return console;
    }
}
