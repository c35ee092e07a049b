using System.Globalization;
using System.Text.Json.Nodes;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Tests.Workflow;

namespace LexyHub.Core.Tests.Etsy;

/// <summary>Etsy's OpenAPI document (see <c>Contract/README.md</c>): what is wrong with a request, and answers made from its schemas.</summary>
internal sealed class EtsyContract
{
    private readonly JsonNode document = JsonNode.Parse(File.ReadAllText(
        Path.Combine(WorkflowScript.RepositoryRoot(), "LexyHub.Core.Tests/Etsy/Contract/etsy_openapi_v3_3.0.0_excerpt.json")))!;

    /// <returns>How the request departs from the document; empty where it does not.</returns>
    public IReadOnlyList<string> Check(ReceivedRequest request)
    {
        var (path, query) = Split(request.Target);
        var (operation, values) = Find(request.Method, path);
        if (operation is null)
        {
            return [$"no operation {request.Method} {path}"];
        }

        var problems = new List<string>();
        var parameters = operation["parameters"]!.AsArray().Select(parameter => parameter!).ToList();
        foreach (var parameter in parameters)
        {
            var name = (string)parameter["name"]!;
            var given = (string)parameter["in"]! == "path" ? values.GetValueOrDefault(name) : query.GetValueOrDefault(name);
            if (given is not null)
            {
                problems.AddRange(CheckValue(name, given, parameter["schema"]!));
            }
            else if ((bool?)parameter["required"] == true)
            {
                problems.Add($"{name} is required");
            }
        }

        problems.AddRange(query.Keys.Where(name => !parameters.Any(parameter => (string)parameter["name"]! == name)).Select(name => $"no parameter {name}"));
        foreach (var (scheme, _) in (operation["security"] ?? document["security"])!.AsArray().SelectMany(alternative => alternative!.AsObject()))
        {
            var definition = document["components"]!["securitySchemes"]![scheme]!;
            var header = (string)definition["type"]! == "apiKey" ? (string)definition["name"]! : "Authorization";
            if (!request.Headers.TryGetValue(header, out var value) || (header == "Authorization" && !value.StartsWith("Bearer ", StringComparison.Ordinal)))
            {
                problems.Add($"no header {header} as {scheme} wants it");
            }
        }

        return problems;
    }

    /// <summary>An instance of a schema: every property is there, with a value that it allows.</summary>
    /// <param name="seed">The same one makes the same instance.</param>
    /// <param name="given">Properties with values of their own.</param>
    public JsonObject Make(string schema, int seed, IReadOnlyDictionary<string, JsonNode?> given)
    {
        var random = new Random(seed);
        var made = new JsonObject();
        var properties = document["components"]!["schemas"]![schema]!["properties"]!.AsObject();
        foreach (var (name, property) in properties)
        {
            made[name] = given.TryGetValue(name, out var value) ? value : Value(property!, random);
        }

        Assert.All(given.Keys, name => Assert.True(properties.ContainsKey(name), $"{schema} has no {name}"));
        return made;
    }

    /// <summary>The default that the document gives a parameter.</summary>
    public string Default(string parameter) => Parameter(parameter)["schema"]!["default"]!.ToString();

    private JsonNode Parameter(string name)
        => document["paths"]!.AsObject().Single().Value!["get"]!["parameters"]!.AsArray().Single(parameter => (string)parameter!["name"]! == name)!;

    private (JsonNode? Operation, Dictionary<string, string> Values) Find(string method, string path)
    {
        var given = path.Split('/');
        foreach (var (template, item) in document["paths"]!.AsObject())
        {
            var parts = template.Split('/');
            if (parts.Length == given.Length && parts.Zip(given).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second))
            {
                return (
                    item![method.ToLowerInvariant()],
                    parts.Zip(given).Where(pair => pair.First.StartsWith('{')).ToDictionary(pair => pair.First.Trim('{', '}'), pair => pair.Second));
            }
        }

        return (null, []);
    }

    private static IEnumerable<string> CheckValue(string name, string value, JsonNode schema)
    {
        if ((string)schema["type"]! == "integer")
        {
            if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number < ((long?)schema["minimum"] ?? long.MinValue) || number > ((long?)schema["maximum"] ?? long.MaxValue))
            {
                yield return $"{name} may not be {value}";
            }
        }
        else if (schema["enum"] is JsonArray allowed && !allowed.Any(choice => (string)choice! == value))
        {
            yield return $"{name} may not be {value}";
        }
    }

    private JsonNode? Value(JsonNode schema, Random random)
    {
        if ((bool?)schema["nullable"] == true && random.Next(2) == 0)
        {
            return null;
        }

        if (schema["oneOf"] is JsonArray choices)
        {
            return Make(((string)choices[0]!["$ref"]!).Split('/')[^1], random.Next(), new Dictionary<string, JsonNode?>());
        }

        if (schema["enum"] is JsonArray allowed)
        {
            return allowed[random.Next(allowed.Count)]!.DeepClone();
        }

        return (string)schema["type"]! switch
        {
            "integer" => ((long?)schema["minimum"] ?? 0) + random.Next(1_000_000),
            "number" => Math.Round(random.NextDouble() * 100, 2),
            "boolean" => random.Next(2) == 0,
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value(schema["items"]!, random))]),
            _ => $"text {random.Next(1_000_000)}",
        };
    }

    private static (string Path, Dictionary<string, string> Query) Split(string target)
    {
        var parts = target.Split('?', 2);
        return (parts[0], parts.Length == 1 ? [] : parts[1].Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1])));
    }
}
