using System.Text;

namespace LexyHub.Core.Imports;

/// <summary>
/// Feeds a CSV parser with whole records only. A parser that meets an opening quote without a closing one takes the rest
/// of the file for one cell; here such a line is reported and left out, and reading goes on with the line after it.
/// </summary>
/// <remarks>A quote opens a cell only as its first character; elsewhere in an unquoted cell (<c>5" pipe</c>) it is text.
/// Every line end becomes <c>\n</c>. Holds at most one record and one block of the file in memory.</remarks>
internal sealed class RecordFeed : TextReader
{
    /// <summary>Characters of one record, quoted line ends included.</summary>
    public const int MaxRecordLength = 1 << 18;

    private const int BlockSize = 1 << 16;

    private readonly TextReader input;
    private readonly Action<long, string> skip;
    private readonly char[] block = new char[BlockSize];
    private readonly StringBuilder partOfLine = new();
    private readonly Stack<string> lookahead = new();
    private readonly Queue<long> fedLines = new();
    private int blockLength;
    private int blockPosition;
    private bool skipLineFeed;
    private long nextLine = 1;
    private string current = "";
    private int currentPosition;

    /// <param name="skip">Called with line number and reason for each record that is left out.</param>
    public RecordFeed(TextReader input, char? delimiter, Action<long, string> skip)
    {
        this.input = input;
        this.skip = skip;
        blockLength = input.ReadBlock(block, 0, BlockSize);
        Delimiter = delimiter ?? DelimiterDetector.Detect(block.AsSpan(0, blockLength));
    }

    public char Delimiter { get; }

    /// <summary>The first line of the oldest record fed and not yet asked for.</summary>
    public long TakeLine() => fedLines.Dequeue();

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (currentPosition == current.Length && !NextRecord())
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, current.Length - currentPosition);
        current.AsSpan(currentPosition, count).CopyTo(buffer);
        currentPosition += count;
        return count;
    }

    public override int Read()
    {
        Span<char> one = stackalloc char[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override int Peek() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool NextRecord()
    {
        while (NextLine() is { } line)
        {
            var number = nextLine - 1;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (line.Length > MaxRecordLength)
            {
                skip(number, $"the line is longer than {MaxRecordLength} characters");
                continue;
            }

            if (Complete(line, number) is { } record)
            {
                fedLines.Enqueue(number);
                current = record + "\n";
                currentPosition = 0;
                return true;
            }
        }

        return false;
    }

    // The record that begins with this line; null where its quotes are broken, and then only this line is used up.
    private string? Complete(string line, long number)
    {
        var state = Scan(line, State.CellStart);
        if (state is not (State.Quoted or State.Broken))
        {
            return line;
        }

        var further = new List<string>();
        var length = line.Length;
        while (state == State.Quoted && length <= MaxRecordLength && NextLine() is { } next)
        {
            further.Add(next);
            length += next.Length + 1;
            state = Scan(next, State.Quoted);
        }

        if (state is not (State.Quoted or State.Broken) && length <= MaxRecordLength)
        {
            return string.Join('\n', [line, .. further]);
        }

        skip(number, state == State.Broken
            ? "its quotes are broken: after a closing quote comes text that is no delimiter"
            : "a quote is opened and never closed");
        nextLine = number + 1;
        for (var i = further.Count - 1; i >= 0; i--)
        {
            lookahead.Push(further[i]);
        }

        return null;
    }

    private enum State
    {
        CellStart,
        Unquoted,
        Quoted,
        QuoteInQuoted,
        Broken,
    }

    private State Scan(string line, State state)
    {
        if (state == State.CellStart && !line.Contains('"', StringComparison.Ordinal))
        {
            return State.Unquoted;
        }

        foreach (var c in line)
        {
            state = (state, c) switch
            {
                (State.Quoted, '"') => State.QuoteInQuoted,
                (State.Quoted, _) => State.Quoted,
                (State.QuoteInQuoted, '"') => State.Quoted,
                (State.CellStart, '"') => State.Quoted,
                _ when c == Delimiter => State.CellStart,
                (State.QuoteInQuoted, _) => State.Broken,
                _ => State.Unquoted,
            };
            if (state == State.Broken)
            {
                break;
            }
        }

        return state;
    }

    private string? NextLine()
    {
        var line = lookahead.TryPop(out var waiting) ? waiting : ReadPhysicalLine();
        if (line is not null)
        {
            nextLine++;
        }

        return line;
    }

    // A line ends with \n, \r\n or \r. Of one that is too long, only as much is kept as tells that it is.
    private string? ReadPhysicalLine()
    {
        partOfLine.Clear();
        while (true)
        {
            if (blockPosition == blockLength)
            {
                blockLength = input.Read(block, 0, BlockSize);
                blockPosition = 0;
                if (blockLength == 0)
                {
                    return partOfLine.Length > 0 ? partOfLine.ToString() : null;
                }
            }

            if (skipLineFeed)
            {
                skipLineFeed = false;
                if (block[blockPosition] == '\n')
                {
                    blockPosition++;
                    continue;
                }
            }

            var rest = block.AsSpan(blockPosition, blockLength - blockPosition);
            var end = rest.IndexOfAny('\r', '\n');
            var text = end < 0 ? rest : rest[..end];
            if (partOfLine.Length <= MaxRecordLength)
            {
                partOfLine.Append(text);
            }

            blockPosition += text.Length;
            if (end >= 0)
            {
                skipLineFeed = block[blockPosition] == '\r';
                blockPosition++;
                return partOfLine.ToString();
            }
        }
    }
}
