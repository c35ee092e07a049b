using System.Collections;
using LexyHub.Core.Intents;

namespace LexyHub.Core.Tests.Intents;

public sealed class IntentWriteTests
{
    [Fact]
    public void Together_SeveralWrites_SayAllThatEachSaid()
    {
        IntentWrite[] writes = [AWrite(1), AWrite(10), AWrite(100)];

        var together = IntentWrite.Together(writes);

        // Every property, so that a new one is not forgotten.
        Assert.All(typeof(IntentWrite).GetProperties().Where(property => property.Name != nameof(IntentWrite.IsEmpty)), property =>
            Assert.Equal(writes.Sum(write => AmountOf(property.GetValue(write)!)), AmountOf(property.GetValue(together)!)));
        Assert.Equal(111, together.Requests);
        Assert.Same(writes[0], IntentWrite.Together([writes[0]]));
    }

    private static long AmountOf(object value)
        => value is IEnumerable items ? items.Cast<object>().Count() : Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);

    private static IntentWrite AWrite(int amount)
    {
        var write = new IntentWrite
        {
            Skipped = amount,
            Requests = amount,
            InputTokens = amount,
            OutputTokens = amount,
            Disagreements = amount,
            ByModel = amount,
        };
        for (var i = 0; i < amount; i++)
        {
            var item = new DueItem(DueItem.KeywordKind, Guid.NewGuid(), 1, "ring", "hash");
            write.Classified.Add((item, null!, 1));
            write.Rejected.Add((item, "refused"));
            write.Failed.Add((item, "no answer"));
            write.Settled.Add(new DueKey(item.Kind, item.Id, item.Version));
        }

        return write;
    }
}
