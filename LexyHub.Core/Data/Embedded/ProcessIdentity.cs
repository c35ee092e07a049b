using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LexyHub.Core.Data.Embedded;

/// <summary>A process that cannot be taken for a later one with the same id.</summary>
/// <param name="Started">When, in a form that is only good for comparing.</param>
internal sealed record ProcessIdentity(int Id, string Started)
{
    public static ProcessIdentity Of(Process process) => new(process.Id, StartOf(process) ?? "");

    public bool IsAlive()
    {
        try
        {
            using var process = Process.GetProcessById(Id);
            return !process.HasExited && StartOf(process) == Started;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    // On Linux Process.StartTime is derived from the wall clock and shifts when that is set; the ticks since boot do not.
    private static string? StartOf(Process process)
    {
        if (!OperatingSystem.IsLinux())
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        try
        {
            // The name, in parentheses, may hold anything; the start is field 22, the 20th behind it. Z is a zombie.
            var stat = File.ReadAllText($"/proc/{process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {fields[19]}";
        }
        catch (IOException)
        {
            return null;
        }
    }
}
