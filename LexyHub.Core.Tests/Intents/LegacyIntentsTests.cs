using LexyHub.Core.Intents;

namespace LexyHub.Core.Tests.Intents;

public sealed class LegacyIntentsTests
{
    // As docs/intents.md has it: by stage, from awareness to retention.
    [Theory]
    [InlineData(PurchaseIntent.Informational, "education", "research", "education", "education")]
    [InlineData(PurchaseIntent.Navigational, "discovery", "discovery", "purchase", "discovery")]
    [InlineData(PurchaseIntent.Commercial, "discovery", "research", "research", "research")]
    [InlineData(PurchaseIntent.Transactional, "purchase", "purchase", "purchase", "purchase")]
    public void Of_IntentAndStage_IsTheOlderLabel(PurchaseIntent intent, string awareness, string consideration, string purchase, string retention)
    {
        Assert.Equal([awareness, consideration, purchase, retention], Enum.GetValues<PurchaseStage>().Select(stage => LegacyIntents.Of(intent, stage, wholesale: false)));
        Assert.All(Enum.GetValues<PurchaseStage>(), stage => Assert.Equal("wholesale", LegacyIntents.Of(intent, stage, wholesale: true)));
    }

    [Theory]
    [InlineData("Wholesale candles", true)]
    [InlineData("beads in bulk", true)]
    [InlineData("trade prices for florists", true)]
    [InlineData("rings for resale", true)]
    [InlineData("bulky knit blanket", false)]
    [InlineData("bulkhead light", false)]
    [InlineData("trade show banner", false)]
    [InlineData("", false)]
    public void IsWholesale_Text_IsToldByWholeWords(string text, bool expected) => Assert.Equal(expected, LegacyIntents.IsWholesale(text));
}
