using LexyHub.Core.Http;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Http;

public sealed class AccessTokenSourceTests
{
    private readonly FakeTimeProvider _time = new();
    private int _refreshes;

    [Fact]
    public async Task GetAsync_UntilAMinuteBeforeTheEnd_IsTheSameToken()
    {
        var tokens = Create(null);

        Assert.Equal("fresh-1", await tokens.GetAsync(default));
        _time.Advance(TimeSpan.FromMinutes(58));
        Assert.Equal("fresh-1", await tokens.GetAsync(default));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("fresh-2", await tokens.GetAsync(default));
    }

    [Fact]
    public async Task DropAsync_ConfiguredTokenRefused_IsReplaced()
    {
        var tokens = Create("configured");

        Assert.Equal("configured", await tokens.GetAsync(default));
        await tokens.DropAsync("configured", default);
        Assert.Equal("fresh-1", await tokens.GetAsync(default));
    }

    [Fact]
    public async Task DropAsync_ByTheSecondOfTwoCallers_ChangesNothing()
    {
        var tokens = Create("configured");

        await tokens.DropAsync("configured", default);
        await tokens.GetAsync(default);
        await tokens.DropAsync("configured", default);

        Assert.Equal("fresh-1", await tokens.GetAsync(default));
    }

    [Fact]
    public async Task GetAsync_ManyAtOnce_RefreshOnce()
    {
        var gate = new TaskCompletionSource();
        var tokens = new AccessTokenSource(
            null,
            async _ =>
            {
                Interlocked.Increment(ref _refreshes);
                await gate.Task;
                return new AccessToken("fresh", null);
            },
            _time);

        var calls = Enumerable.Range(0, 20).Select(_ => Task.Run(() => tokens.GetAsync(default))).ToArray();
        gate.SetResult();

        Assert.All(await Task.WhenAll(calls), token => Assert.Equal("fresh", token));
        Assert.Equal(1, _refreshes);
    }

    [Fact]
    public async Task GetAsync_RefreshFailed_IsTriedAgainByTheNextCall()
    {
        var tokens = new AccessTokenSource(
            null,
            _ => _refreshes++ == 0
                ? Task.FromException<AccessToken>(new RemoteServiceException("timeout", "late"))
                : Task.FromResult(new AccessToken("fresh", null)),
            _time);

        await Assert.ThrowsAsync<RemoteServiceException>(() => tokens.GetAsync(default));

        Assert.Equal("fresh", await tokens.GetAsync(default));
    }

    private AccessTokenSource Create(string? configured) => new(
        configured,
        _ => Task.FromResult(new AccessToken($"fresh-{++_refreshes}", _time.GetUtcNow().AddHours(1))),
        _time);
}
