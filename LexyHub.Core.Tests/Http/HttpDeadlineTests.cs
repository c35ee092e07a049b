using LexyHub.Core.Http;

namespace LexyHub.Core.Tests.Http;

public sealed class HttpDeadlineTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 4, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Use_Nested_KeepsTheSooner()
    {
        Assert.Null(HttpDeadline.Current);
        using (HttpDeadline.Use(s_noon))
        {
            using (HttpDeadline.Use(s_noon.AddHours(1)))
                Assert.Equal(s_noon, HttpDeadline.Current);
            using (HttpDeadline.Use(s_noon.AddHours(-1)))
                Assert.Equal(s_noon.AddHours(-1), await Task.Run(() => HttpDeadline.Current));
            Assert.Equal(s_noon, HttpDeadline.Current);
        }

        Assert.Null(HttpDeadline.Current);
    }
}
