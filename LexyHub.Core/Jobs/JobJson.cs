using System.Text.Encodings.Web;
using System.Text.Json;

namespace LexyHub.Core.Jobs;

/// <summary>How the product writes JSON: camelCase, UTF-8, texts of any language unescaped.</summary>
public static class JobJson
{
    // The relaxed encoder leaves quotes of HTML alone; these answers are never embedded in a page.
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
