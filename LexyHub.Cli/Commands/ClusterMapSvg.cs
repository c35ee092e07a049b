using System.Globalization;
using System.Security;
using System.Text;
using LexyHub.Core.Clusters;

namespace LexyHub.Cli.Commands;

/// <summary>The map of clusters as SVG: no script, no font of its own, every text escaped.</summary>
internal static class ClusterMapSvg
{
    private const double Side = 1_600;
    private const double Margin = 120;
    private const double LargestRadius = 46;
    private const double SmallestRadius = 3;
    private const double LetterWidth = 0.56;
    private const double SmallestText = 11;
    private const double LargestText = 26;
    private const int MaxLabel = 40;

    public static bool HasPlace(ClusterSummary cluster) => cluster is { X: not null, Y: not null };

    /// <param name="clusters">Those without a place are left out.</param>
    public static string Draw(IReadOnlyList<ClusterSummary> clusters)
    {
        var placed = clusters.Where(HasPlace).OrderByDescending(cluster => cluster.Size).ThenBy(cluster => cluster.Id).ToList();
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Side} {Side}" font-family="system-ui, sans-serif">""").AppendLine();
        svg.AppendLine("<title>Clusters of keywords</title>");
        svg.AppendLine("""<rect width="100%" height="100%" fill="#fdfdfb"/>""");
        var largest = placed.Count == 0 ? 1 : placed[0].Size;
        foreach (var cluster in placed)
        {
            var tip = $"{cluster.Label} ({cluster.Market}): {cluster.Size} keywords";
            svg.Append(
                CultureInfo.InvariantCulture,
                $"""<circle cx="{At(cluster.X):0.#}" cy="{At(-cluster.Y):0.#}" r="{Radius(cluster, largest):0.#}" fill="{Colour(cluster.AverageMomentum)}" fill-opacity="0.55"><title>{Escape(tip)}</title></circle>""").AppendLine();
        }

        Label(svg, placed, largest);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"""<text x="24" y="{Side - 24}" font-size="18" fill="#666">{placed.Count} clusters; area: keywords; colour: momentum, blue 0 to red 1, grey unknown</text>""").AppendLine();
        return svg.AppendLine("</svg>").ToString();
    }

    // The largest first; a label that would lie on another one is left to the tooltip.
    private static void Label(StringBuilder svg, List<ClusterSummary> placed, int largest)
    {
        var taken = new List<(double Left, double Top, double Right, double Bottom)>();
        foreach (var cluster in placed)
        {
            var size = SmallestText + ((LargestText - SmallestText) * Math.Sqrt((double)cluster.Size / largest));
            var label = cluster.Label.Length <= MaxLabel ? cluster.Label : cluster.Label[..(MaxLabel - 1)] + "…";
            var half = label.Length * size * LetterWidth / 2;
            var (x, y) = (Math.Clamp(At(cluster.X), half, Side - half), At(-cluster.Y) + (size / 3));
            var box = (x - half, y - size, x + half, y + (size / 4));
            if (taken.Any(other => box.Item1 < other.Right && other.Left < box.Item3 && box.Item2 < other.Bottom && other.Top < box.Item4))
            {
                continue;
            }

            taken.Add(box);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"""<text x="{x:0.#}" y="{y:0.#}" font-size="{size:0.#}" text-anchor="middle" fill="#222" pointer-events="none">{Escape(label)}</text>""").AppendLine();
        }
    }

    private static double At(double? coordinate) => Margin + ((Side - (2 * Margin)) * (coordinate!.Value + 1) / 2);

    private static double Radius(ClusterSummary cluster, int largest) => Math.Max(SmallestRadius, LargestRadius * Math.Sqrt((double)cluster.Size / Math.Max(1, largest)));

    private static string Colour(double? momentum)
        => momentum is { } value ? string.Create(CultureInfo.InvariantCulture, $"hsl({220 - (220 * Math.Clamp(value, 0, 1)):0},70%,50%)") : "#9a9a9a";

    private static string Escape(string text) => SecurityElement.Escape(text);
}
