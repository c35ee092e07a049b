using System.Text;
using LexyHub.Core.Imports;

namespace LexyHub.Core.Tests.Imports;

/// <summary>A file of generated rows that is nowhere held as a whole, and can be read from its start again.</summary>
internal sealed class GeneratedStream(int rows, Func<int, string> row) : Stream
{
    private const int NotMeasured = -1;
    private long length = NotMeasured;
    private byte[] current = [];
    private int offset;
    private int next;
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length
    {
        get
        {
            if (length == NotMeasured)
            {
                length = Enumerable.Range(0, rows).Sum(i => (long)Encoding.UTF8.GetByteCount(row(i)));
            }

            return length;
        }
    }

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(value, 0);
            (current, offset, next, position) = ([], 0, 0, 0);
        }
    }

    public override int Read(byte[] buffer, int start, int count)
    {
        var read = 0;
        while (read < count)
        {
            if (offset == current.Length)
            {
                if (next == rows)
                {
                    break;
                }

                (current, offset) = (Encoding.UTF8.GetBytes(row(next++)), 0);
            }

            var part = Math.Min(count - read, current.Length - offset);
            current.AsSpan(offset, part).CopyTo(buffer.AsSpan(start + read));
            offset += part;
            read += part;
        }

        position += read;
        return read;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long to, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int start, int count) => throw new NotSupportedException();
}

/// <summary>Calls back at once, where <see cref="Progress{T}"/> posts to another thread.</summary>
internal sealed class ActionProgress(Action<ImportProgress> action) : IProgress<ImportProgress>
{
    public void Report(ImportProgress value) => action(value);
}

/// <summary>How much more the process holds than when the probe was made, garbage not counted.</summary>
internal sealed class MemoryProbe
{
    private readonly long start = GC.GetTotalMemory(forceFullCollection: true);

    public long LargestGrowth { get; private set; } = 1;

    public void Measure() => LargestGrowth = Math.Max(LargestGrowth, GC.GetTotalMemory(forceFullCollection: true) - start);
}
