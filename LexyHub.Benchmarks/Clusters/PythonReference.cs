using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>What a reference did.</summary>
internal sealed record ReferenceResult(string Name, string? Version, double Seconds, double Objective);

/// <summary>FAISS and scikit-learn in a child process; vectors go over as raw files in a folder of their own.</summary>
internal sealed class PythonReference : IDisposable
{
    public const string Install = "apt-get install python3-faiss libopenblas0-pthread python3-sklearn";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    // A python of one's own may come first in the path and lack Debian's packages.
    private static readonly string[] Interpreters = ["python3", "/usr/bin/python3"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lexyhub-clusters-");
    private readonly string interpreter;

    private PythonReference(string interpreter) => this.interpreter = interpreter;

    private string Script => Path.Combine(folder.FullName, "reference.py");

    /// <returns>Null where no interpreter has the packages; <see cref="Install"/> says how to get them.</returns>
    public static PythonReference? Find()
    {
        foreach (var interpreter in Interpreters)
        {
            var reference = new PythonReference(interpreter);
            using (var source = typeof(PythonReference).Assembly.GetManifestResourceStream("reference.py")!)
            using (var target = File.Create(reference.Script))
                source.CopyTo(target);
            if (reference.TryRun(["check"], out _))
                return reference;
            reference.Dispose();
        }

        return null;
    }

    /// <summary>K-means of each reference from the same centroids, for so many passes.</summary>
    public IReadOnlyList<ReferenceResult> KMeans(VectorSet vectors, float[] centroids, int clusters, int passes)
    {
        var (rows, initial) = (Write("vectors", vectors), Path.Combine(folder.FullName, "centroids"));
        File.WriteAllBytes(initial, MemoryMarshal.AsBytes(centroids.AsSpan()));
        return Run(["kmeans", rows, initial, Text(vectors.Count), Text(vectors.Dimensions), Text(clusters), Text(passes)]);
    }

    /// <summary>Labels of each reference, −1 for an outlier.</summary>
    public IReadOnlyList<(string Name, int[] Labels)> Labels(VectorSet vectors, int clusters)
    {
        var output = Path.Combine(folder.FullName, "labels");
        var names = Run(["quality", Write("vectors", vectors), Text(vectors.Count), Text(vectors.Dimensions), Text(clusters), output]);
        var labels = MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(output)).ToArray();
        return [.. names.Select((name, i) => (name.Name, labels[(i * vectors.Count)..((i + 1) * vectors.Count)]))];
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private string Write(string name, VectorSet vectors)
    {
        var path = Path.Combine(folder.FullName, name);
        using var file = File.Create(path);
        for (var row = 0; row < vectors.Count; row++)
            file.Write(MemoryMarshal.AsBytes(vectors[row]));
        return path;
    }

    private IReadOnlyList<ReferenceResult> Run(string[] arguments)
        => TryRun(arguments, out var output)
            ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<ReferenceResult>(line, Json)!)]
            : throw new InvalidOperationException($"reference.py {arguments[0]} failed: {output}");

    private bool TryRun(string[] arguments, out string output)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(interpreter, [Script, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = new StringBuilder();
            process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
            process.BeginErrorReadLine();
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return true;
            output = errors.ToString();
            return false;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            output = e.Message;
            return false;
        }
    }
}
