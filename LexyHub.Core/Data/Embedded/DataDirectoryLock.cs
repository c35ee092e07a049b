using System.Globalization;

namespace LexyHub.Core.Data.Embedded;

/// <summary>
/// Keeps a data directory to one database. The lock is the operating system's own on an open file, which it releases however
/// the process ends. The database runs in a child that may outlive a killed parent by seconds, so its identity is noted beside
/// the lock, and the next owner waits for it to go.
/// </summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private readonly FileStream file;
    private readonly string owner;

    private DataDirectoryLock(FileStream file, string owner) => (this.file, this.owner) = (file, owner);

    /// <param name="patience">How long a database whose parent died may take to end.</param>
    /// <exception cref="DataDirectoryInUseException">Another process holds it.</exception>
    public static async Task<DataDirectoryLock> AcquireAsync(
        string directory, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var owner = Path.Combine(directory, "owner");
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not DirectoryNotFoundException and not PathTooLongException)
        {
            throw new DataDirectoryInUseException(directory, ReadOwner(owner)?.Parent);
        }
        try
        {
            var started = time.GetTimestamp();
            while (ReadOwner(owner) is { } previous && previous.Database.IsAlive())
            {
                if (time.GetElapsedTime(started) > patience)
                    throw new DataDirectoryInUseException(directory, previous.Database.Id);
                await Task.Delay(Poll, time, cancellationToken);
            }
            return new DataDirectoryLock(file, owner);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Notes the process that is about to open the database.</summary>
    public void Note(ProcessIdentity database) => File.WriteAllLines(
        owner,
        [Environment.ProcessId.ToString(CultureInfo.InvariantCulture), database.Id.ToString(CultureInfo.InvariantCulture),
            database.Started]);

    public void Dispose() => file.Dispose();

    private static (int? Parent, ProcessIdentity Database)? ReadOwner(string path)
    {
        if (!File.Exists(path) || File.ReadAllLines(path) is not [var parent, var id, var started]
            || !int.TryParse(id, CultureInfo.InvariantCulture, out var databaseId))
        {
            return null;
        }
        return (int.TryParse(parent, CultureInfo.InvariantCulture, out var parentId) ? parentId : null,
            new ProcessIdentity(databaseId, started));
    }
}
