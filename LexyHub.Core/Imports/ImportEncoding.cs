using System.Text;

namespace LexyHub.Core.Imports;

/// <summary>Finds out in which encoding a file is written.</summary>
internal static class ImportEncoding
{
    private const int BlockSize = 1 << 16;

    // Part of .NET, but not among the encodings that it finds by name without being asked to.
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <exception cref="ImportException">No encoding has that name.</exception>
    public static Encoding Parse(string name)
    {
        var wanted = name.Trim();
        if (wanted.Equals("ansi", StringComparison.OrdinalIgnoreCase))
        {
            return Windows1252;
        }

        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(wanted) ?? Encoding.GetEncoding(wanted);
        }
        catch (ArgumentException)
        {
            throw new ImportException($"There is no encoding named '{wanted}'. Known are utf-8, utf-16, latin1 and windows-1252, among others.");
        }
    }

    /// <summary>Reads the stream to its end, unless a byte order mark decides: an accent may come in the last row only.
    /// The stream is left at its start.</summary>
    public static async Task<Encoding> DetectAsync(Stream stream, CancellationToken cancellationToken)
    {
        var start = stream.Position;
        var bytes = new byte[BlockSize];
        var count = await stream.ReadAtLeastAsync(bytes, 3, throwOnEndOfStream: false, cancellationToken);
        var encoding = bytes.AsSpan(0, count) switch
        {
            [0xFF, 0xFE, ..] => Encoding.Unicode,
            [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
            [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8,
            _ => await IsUtf8Async(stream, bytes, count, cancellationToken) ? Encoding.UTF8 : Windows1252,
        };
        stream.Position = start;
        return encoding;
    }

    private static async Task<bool> IsUtf8Async(Stream stream, byte[] bytes, int count, CancellationToken cancellationToken)
    {
        var decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetDecoder();
        var discarded = new char[BlockSize + 1];
        try
        {
            while (count > 0)
            {
                decoder.GetChars(bytes, 0, count, discarded, 0, flush: false);
                count = await stream.ReadAsync(bytes, cancellationToken);
            }

            // A character cut off by the end of the file is invalid too.
            decoder.GetChars([], discarded, flush: true);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
