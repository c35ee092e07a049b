using System.CommandLine;
using LexyHub.Core.Jobs;

namespace LexyHub.Cli.Commands;

/// <summary>The argument that names jobs, or all of them.</summary>
internal static class JobArgument
{
    private const string All = "all";

    public static Argument<string[]> Create()
    {
        var jobs = new Argument<string[]>("job")
        {
            Description = $"Names of jobs, or `{All}`: {string.Join(", ", JobCatalog.All.Select(job => job.Name))}.",
            Arity = ArgumentArity.OneOrMore,
        };
        jobs.Validators.Add(result =>
        {
            foreach (var name in result.Tokens.Select(token => token.Value).Where(name => name != All && JobCatalog.Find(name) is null))
            {
                result.AddError(Unknown(name));
            }
        });
        return jobs;
    }

    /// <returns>The jobs meant, each once, in the order given; all of them in the catalogue's.</returns>
    public static IReadOnlyList<string> Read(ParseResult result, Argument<string[]> jobs)
        => result.GetRequiredValue(jobs) is var given && given.Contains(All) ? [.. JobCatalog.All.Select(job => job.Name)] : [.. given.Distinct()];

    private static string Unknown(string name)
    {
        var names = JobCatalog.All.Select(job => job.Name).Append(All).ToList();
        return Closest.To(name, names) is { } meant
            ? $"There is no job '{name}'. Did you mean '{meant}'?"
            : $"There is no job '{name}'. Jobs: {string.Join(", ", names)}.";
    }
}
