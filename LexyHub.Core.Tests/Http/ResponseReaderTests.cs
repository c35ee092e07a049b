using System.Net;
using System.Text;
using System.Text.Json.Serialization;
using LexyHub.Core.Http;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Http;

public sealed class ResponseReaderTests
{
    private readonly ResponseReader _reader = new("Test service", new SecretMask("s3cret/+"), new FakeTimeProvider());

    [Fact]
    public async Task ReadJsonAsync_ExpectedShape_IsRead()
    {
        var value = await ReadAsync("""{"numbers":[1,2.5]}""");

        Assert.Equal<double>([1, 2.5], value.Numbers!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"numbers":[1,""")]
    [InlineData("""{"numbers":[1]}}""")]
    [InlineData("""{"numbers":"s3cret/+"}""")]
    [InlineData("[]")]
    [InlineData("<html>s3cret/+</html>")]
    public async Task ReadJsonAsync_NotTheExpectedJson_SaysSoWithoutQuotingIt(string body)
    {
        var error = await Assert.ThrowsAsync<RemoteServiceException>(() => ReadAsync(body));

        Assert.Equal("bad-response", error.Code);
        Assert.StartsWith("Test service answered 200 with ", error.Message);
        Assert.DoesNotContain("s3cret", error.ToString());
    }

    [Fact]
    public async Task ReadJsonAsync_TooLong_SaysWhichSettingHelps()
    {
        var error = await Assert.ThrowsAsync<RemoteServiceException>(() => ReadAsync("[" + new string(' ', 5_000) + "]"));

        Assert.Equal("response-too-large", error.Code);
        Assert.Contains("Http:MaxResponseBytes", error.Message);
    }

    [Fact]
    public async Task ReadJsonAsync_BodyBreaksOff_SaysSo()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BrokenStream()) };

        var error = await Assert.ThrowsAsync<RemoteServiceException>(
            () => _reader.ReadJsonAsync(response, ResponseReaderTestsJson.Default.Sample, 4_096, CancellationToken.None));

        Assert.Equal("Test service answered 200 with a body that breaks off.", error.Message);
    }

    [Theory]
    [InlineData(401, """{"message": "Unauthorized", "error": 401}""", "unauthorized", "401", "Unauthorized")]
    [InlineData(400, """{"error":"invalid_grant","error_description":"Token expired."}""", "refused", "invalid_grant", "Token expired")]
    [InlineData(429, """{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}""", "rate-limited", "RESOURCE_EXHAUSTED", "Quota exceeded")]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", "quota-exhausted", "insufficient_quota", "You exceeded your current quota")]
    [InlineData(404, """{"code":2,"message":"AdAccount not found."}""", "not-found", "2", "AdAccount not found")]
    [InlineData(403, "<html>no</html>", "forbidden", null, null)]
    [InlineData(502, "", "server-error", null, null)]
    [InlineData(302, "", "refused", null, null)]
    public async Task ReadJsonAsync_Refusal_GivesCodeAndText(int status, string body, string code, string? serviceCode, string? text)
    {
        var error = await Assert.ThrowsAsync<RemoteServiceException>(() => ReadAsync(body, status));

        Assert.Equal((code, serviceCode, status), (error.Code, error.ServiceCode, (int)error.StatusCode!));
        Assert.StartsWith($"Test service answered {status} ", error.Message);
        if (text is not null)
            Assert.EndsWith($": {text}.", error.Message);
    }

    [Theory]
    [InlineData("s3cret/+")]
    [InlineData("S3CRET/+")]
    [InlineData("s3cret%2F%2B")]
    public async Task ReadJsonAsync_RefusalQuotesASecret_ItIsMasked(string quoted)
    {
        var error = await Assert.ThrowsAsync<RemoteServiceException>(
            () => ReadAsync($$$"""{"error":{"message":"Incorrect API key provided: {{{quoted}}}.\r\nLine 2","code":"{{{quoted}}}"}}""", 401));

        Assert.Equal("Test service answered 401 Unauthorized: Incorrect API key provided: ***. Line 2.", error.Message);
        Assert.Equal("***", error.ServiceCode);
    }

    [Fact]
    public async Task ReadJsonAsync_RefusalIsLong_IsCut()
    {
        var error = await Assert.ThrowsAsync<RemoteServiceException>(
            () => ReadAsync($$"""{"message":"{{new string('x', 3_000)}}"}""", 400));

        Assert.True(error.Message.Length < 300);
    }

    private async Task<Sample> ReadAsync(string body, int status = 200)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        return await _reader.ReadJsonAsync(response, ResponseReaderTestsJson.Default.Sample, 4_096, CancellationToken.None);
    }

    internal sealed record Sample(double[]? Numbers);

    private sealed class BrokenStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("reset");

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => throw new IOException("reset");

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
            => throw new IOException("reset");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResponseReaderTests.Sample))]
internal sealed partial class ResponseReaderTestsJson : JsonSerializerContext;
