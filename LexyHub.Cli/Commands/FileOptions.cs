using System.CommandLine;
using LexyHub.Core.Imports;

namespace LexyHub.Cli.Commands;

/// <summary>The file and how it is read, of every import.</summary>
internal sealed class FileOptions
{
    private readonly Argument<FileInfo> file = new Argument<FileInfo>("file") { Description = "CSV or TSV." }.AcceptExistingOnly();

    private readonly Option<string?> encoding = new("--encoding") { Description = "utf-8, latin1, windows-1252, … Default: found out.", HelpName = "name" };

    private readonly Option<char?> delimiter = new("--delimiter")
    {
        Description = "One character, or tab. Default: found out.",
        HelpName = "character",
        CustomParser = result =>
        {
            switch (result.Tokens.Single().Value)
            {
                case "tab" or "\\t":
                    return '\t';
                case [var single]:
                    return single;
                default:
                    result.AddError("--delimiter must be one character, or tab.");
                    return null;
            }
        },
    };

    private readonly Option<bool> header = new("--header") { Description = "The first row names the columns. Default: found out." };

    private readonly Option<bool> noHeader = new("--no-header") { Description = "The first row is data." };

    private readonly Option<string?> columns = new("--columns") { Description = "Names of the columns from left to right, separated by commas; an empty one is ignored.", HelpName = "names" };

    public void AddTo(CliCommand command)
    {
        command.Add(file);
        command.Add(columns);
        command.Add(header);
        command.Add(noHeader);
        command.Add(delimiter);
        command.Add(encoding);
        command.Validators.Add(result =>
        {
            if (result.GetResult(header) is not null && result.GetResult(noHeader) is not null)
            {
                result.AddError("--header and --no-header exclude each other.");
            }
        });
    }

    public FileInfo File(ParseResult result) => result.GetRequiredValue(file);

    public T Apply<T>(T options, ParseResult result)
        where T : ImportOptions
        => options with
        {
            Encoding = result.GetValue(encoding),
            Delimiter = result.GetValue(delimiter),
            HasHeader = result.GetValue(header) ? true : result.GetValue(noHeader) ? false : null,
            Columns = result.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries),
        };
}
