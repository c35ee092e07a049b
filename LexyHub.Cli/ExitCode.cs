namespace LexyHub.Cli;

/// <summary>What a process of <c>lexyhub</c> ends with.</summary>
public static class ExitCode
{
    /// <summary>Done; a run that ended partial, was skipped or runs elsewhere already counts as done, as it does over HTTP.</summary>
    public const int Done = 0;

    /// <summary>Something asked for failed, or was not begun because of Ctrl-C.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood; nothing was begun.</summary>
    public const int Usage = 2;
}
