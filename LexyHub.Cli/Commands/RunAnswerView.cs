using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LexyHub.Cli.Output;
using LexyHub.Core.Jobs;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary>Shows a run's answer to a person, or as it is sent over HTTP.</summary>
internal static class RunAnswerView
{
    // Said in the first line, or of no use to a person.
    private static readonly HashSet<string> Told =
        ["job", "runId", "status", "processed", "failed", "remaining", "durationMs", "stopReason", "errors", "message", "error", "code", "paused"];

    public static void Show(CliContext context, string job, JobAnswer answer)
    {
        if (context.IsJson)
        {
            context.Console.Json(answer.Body.ToJsonString(JobJson.Options));
            return;
        }

        var output = context.Console.Out;
        var colour = answer.Status switch
        {
            RunStatus.Succeeded => "green",
            RunStatus.Failed => "red",
            _ => "yellow",
        };
        output.MarkupLine($"[bold]{Markup.Escape(job)}[/] [{colour}]{Markup.Escape(answer.Status)}[/]{Markup.Escape(Details(answer))}");
        foreach (var (name, value) in answer.Body.Where(pair => !Told.Contains(pair.Key)))
        {
            if (value is JsonArray items && items.All(item => item is JsonObject))
            {
                ShowItems(context, name, items);
            }
            else
            {
                context.Console.Line($"  {name}: {Text(value)}");
            }
        }

        foreach (var error in answer.Body["errors"] as JsonArray ?? [])
        {
            context.Console.Line($"  failed: {error?["item"]}: {error?["error"]}");
        }

        if (answer.Body["error"] is { } problem)
        {
            context.Console.Fail($"{job}: {problem}{(Text(answer.Body["code"]) == "internal-error" && !context.Verbose ? " Repeat it with --verbose to see the log." : "")}");
        }
    }

    // A line for each: what names it, how it is, its counts.
    private static void ShowItems(CliContext context, string name, JsonArray items)
    {
        context.Console.Line($"  {name}: {(items.Count == 0 ? "none" : "")}");
        foreach (var item in items.OfType<JsonObject>())
        {
            var counts = item.Where(part => part.Value?.GetValueKind() == JsonValueKind.Number && Number(part.Value) > 0).Select(part => $"{part.Key} {Text(part.Value)}");
            var words = item.Where(part => part.Key != "id" && part.Value?.GetValueKind() == JsonValueKind.String).Select(part => Text(part.Value));
            context.Console.Line($"    {string.Join(", ", [.. words, .. counts])}");
        }
    }

    private static string Details(JobAnswer answer)
    {
        var body = answer.Body;
        switch (answer.Status)
        {
            case RunStatus.AlreadyRunning:
                return $" elsewhere as {answer.RunId}; nothing was begun here.";
            case RunStatus.Failed:
                return answer.RunId is { } runId ? $" (run {runId})" : "";
            case RunStatus.Skipped:
                return $": {body["message"]}{(body["paused"] is null ? "" : $" (`lexyhub run {body["job"]} --force` runs it all the same.)")}";
        }

        var text = $" in {Amounts.Duration(TimeSpan.FromMilliseconds(Number(body["durationMs"])))}: {Amounts.Count(Number(body["processed"]))} processed";
        if (Number(body["failed"]) is > 0 and var failed)
        {
            text += $", {Amounts.Count(failed)} failed";
        }

        if (Number(body["remaining"]) is > 0 and var remaining)
        {
            text += $", {Amounts.Count(remaining)} remaining";
        }

        text += Text(body["stopReason"]) switch
        {
            "time" => ". Its budget was used up; the next run goes on from here.",
            "cap" => ". The day's cap is reached; it goes on after midnight UTC.",
            "rate-limit" => ". A provider's rate limit was reached; the next run goes on from here.",
            "shutdown" => ". It was stopped; the next run goes on from here.",
            _ => ".",
        };
        return body["message"] is { } message ? $"{text} {message}" : text;
    }

    // By its text: a node made here converts to no other type than the one it was made of.
    private static long Number(JsonNode? node) => node is not null && long.TryParse(node.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : 0;

    // A count's parts in a line: {"synthetic":{"signals":370},"reddit":{"signals":0,"status":"not-configured"}}.
    private static string Parts(JsonObject parts) => string.Join(
        "; ",
        parts.Select(part => $"{part.Key} {(part.Value is JsonObject detail ? Text(detail["error"] ?? detail["status"] ?? detail.FirstOrDefault().Value) : Text(part.Value))}"));

    private static string Text(JsonNode? node) => node switch
    {
        JsonObject parts => Parts(parts),
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) => Amounts.Count(number),
        _ => node.ToJsonString(JobJson.Options),
    };
}
