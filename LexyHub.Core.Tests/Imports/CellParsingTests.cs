using System.Globalization;
using CsCheck;
using LexyHub.Core.Data;
using LexyHub.Core.Imports;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Tests.Imports;

public sealed class CellParsingTests
{
    [Theory]
    [InlineData("12.50", 1250, null)]
    [InlineData("$12.50", 1250, null)]
    [InlineData("US$ 12", 1200, null)]
    [InlineData("12,50 €", 1250, "EUR")]
    [InlineData("£1,234.50", 123450, "GBP")]
    [InlineData("1.234,50", 123450, null)]
    [InlineData("1,234", 123400, null)]
    [InlineData("1,234,567.89", 123456789, null)]
    [InlineData("1.234.567", 123456700, null)]
    [InlineData("USD 0.07", 7, "USD")]
    [InlineData("12.500", 1250, null)]
    [InlineData("0", 0, null)]
    [InlineData("21474836.47", int.MaxValue, null)]
    public void TryParse_PriceAsPeopleWriteIt_IsExactCents(string text, int cents, string? currency)
    {
        Assert.True(PriceText.TryParse(text, out var parsed, out var parsedCurrency));
        Assert.Equal((cents, currency), (parsed, parsedCurrency));
    }

    [Theory]
    [InlineData("12.505")]
    [InlineData("-5")]
    [InlineData("free")]
    [InlineData("from 5")]
    [InlineData("21474836.48")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("1,23,4.5")]
    [InlineData("5/6")]
    public void TryParse_NoPrice_IsRefused(string text) => Assert.False(PriceText.TryParse(text, out _, out _));

    [Fact]
    public void TryParse_AnyCents_AreReadBack()
        => Gen.Int[0, int.MaxValue].Sample(cents =>
            PriceText.TryParse((cents / 100m).ToString("$#,##0.00", CultureInfo.InvariantCulture), out var parsed, out _) && parsed == cents);

    [Theory]
    [InlineData("2024-02-03", "2024-02-03")]
    [InlineData("2/3/2024", "2024-02-03")]
    [InlineData("2024/2/3", "2024-02-03")]
    [InlineData("2024-02-03T05", "2024-02-03")]
    [InlineData("2024-02-03 05:06:07", "2024-02-03")]
    [InlineData("2024-02-03T23:30:00-05:00", "2024-02-04")]
    [InlineData("2024-02-03T05:06:07.123Z", "2024-02-03")]
    [InlineData("2/3/2024 0:00", "2024-02-03")]
    [InlineData("2024-02", "2024-02-29")]
    [InlineData("2024-02-04 - 2024-02-10", "2024-02-10")]
    public void TryParse_DateOfADay_EndsOnThatDayOrItsRangesLast(string text, string expected)
    {
        Assert.True(SignalDate.TryParse(text, out var date));
        Assert.Equal(DateOnly.Parse(expected, CultureInfo.InvariantCulture), date.EndOf(SignalPeriod.Day));
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("2024-13-01")]
    [InlineData("2023-02-29")]
    [InlineData("0001-01-01")]
    [InlineData("42")]
    [InlineData("2024-02-10 - 2024-02-04")]
    public void TryParse_NoDate_IsRefused(string text) => Assert.False(SignalDate.TryParse(text, out _));

    [Fact]
    public void EndOf_WeekAndMonth_AreTheirLastDays()
    {
        Assert.True(SignalDate.TryParse("2024-02-25", out var date));
        Assert.Equal(new DateOnly(2024, 3, 2), date.EndOf(SignalPeriod.Week));
        Assert.Equal(new DateOnly(2024, 2, 29), date.EndOf(SignalPeriod.Month));
    }

    [Theory]
    [InlineData("7", 7.0)]
    [InlineData("0", 0.0)]
    [InlineData("<1", 0.5)]
    [InlineData("< 1", 0.5)]
    [InlineData("0.25", 0.25)]
    [InlineData("0,25", 0.25)]
    [InlineData("0,125", 0.125)]
    [InlineData("1,234", 1234.0)]
    [InlineData("1,234.5", 1234.5)]
    [InlineData("1e-7", 1e-7)]
    [InlineData("-12%", -12.0)]
    [InlineData("NaN", null)]
    [InlineData("Infinity", null)]
    [InlineData("1e999", null)]
    [InlineData("Breakout", null)]
    public void Parse_Value_IsAFiniteNumberOrNone(string text, double? expected) => Assert.Equal(expected, SignalValue.Parse(text));

    [Theory]
    [InlineData(1.0, SignalScale.Unit, true)]
    [InlineData(1.1, SignalScale.Unit, false)]
    [InlineData(101.0, SignalScale.Index, false)]
    [InlineData(101.0, SignalScale.Count, true)]
    [InlineData(-1.0, SignalScale.Count, false)]
    [InlineData(-1.0, null, false)]
    [InlineData(5000.0, null, true)]
    [InlineData(-100.0, SignalScale.Percent, true)]
    [InlineData(-101.0, SignalScale.Percent, false)]
    public void Problem_ValueOutsideItsScale_IsNamed(double value, SignalScale? scale, bool fits)
        => Assert.Equal(fits, SignalValue.Problem(value, scale) is null);

    [Fact]
    public void ToSingleSpaces_WhiteSpaceOfAnyKind_IsOneSpaceAndCaseStays()
        => Assert.Equal("Gold Hoop Éarrings", StorableText.ToSingleSpaces("  Gold \u00a0 Hoop\r\nÉarrings "));

    [Fact]
    public void ToSingleSpaces_NulAndLoneSurrogate_BecomeWhatPostgresCanStore()
        => Assert.Equal("nul and \ufffd 😀", StorableText.ToSingleSpaces("nul\0and \ud800 😀"));
}
