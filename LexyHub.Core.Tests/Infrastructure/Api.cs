using System.Text;
using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>Calls of the HTTP interface, without a host before it.</summary>
internal static class Api
{
    public static async Task<(int Status, JsonNode Body)> CallAsync(
        JobHost host, string method, string path, string body = "", string token = "token", Dictionary<string, string>? query = null)
    {
        var response = await host.Services.GetRequiredService<JobEndpoint>().HandleAsync(
            new ApiRequest(method, path)
            {
                Authorization = $"Bearer {token}",
                Body = new MemoryStream(Encoding.UTF8.GetBytes(body)),
                Query = query ?? [],
            },
            CancellationToken.None);
        return (response.StatusCode, JsonNode.Parse(response.Body.Span)!);
    }
}
