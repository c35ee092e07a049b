using LexyHub.Core.Etsy;

namespace LexyHub.Core.Tests.Etsy;

public sealed class EtsyContentTests
{
    [Theory]
    [InlineData(1_999L, 100L, 1_999, true)]
    [InlineData(1_500L, 1L, 150_000, true)]
    [InlineData(12_340L, 1_000L, 1_234, true)]
    [InlineData(12_345L, 1_000L, null, false)]
    [InlineData(0L, 100L, 0, true)]
    [InlineData(5L, 0L, null, false)]
    [InlineData(5L, null, null, false)]
    [InlineData(null, 100L, null, true)]
    [InlineData(-5L, 100L, null, false)]
    [InlineData(2_147_483_648L, 100L, null, false)]
    [InlineData(long.MaxValue, 1L, null, false)]
    [InlineData(90_071_992_547_409_93L, 4_194_304_000_000L, null, false)]
    public void Cents_AmountAndDivisor_AreExactOrLeftOut(long? amount, long? divisor, int? cents, bool fits)
        => Assert.Equal((cents, fits), EtsyContent.Cents(new EtsyMoney(amount, divisor, "USD")));

    [Fact]
    public void ParseKeys_ThatAreNone_AreRefused()
    {
        Assert.Empty(EtsyTokenCipher.ParseKeys(null)!);
        Assert.Null(EtsyTokenCipher.ParseKeys("c2hvcnQ="));
        Assert.Null(EtsyTokenCipher.ParseKeys("no base64!"));
        Assert.Equal(2, EtsyTokenCipher.ParseKeys($"{Convert.ToBase64String(new byte[32])},{Convert.ToBase64String(new byte[32])}")!.Count);
    }
}
