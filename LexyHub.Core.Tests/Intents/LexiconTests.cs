using LexyHub.Core.Intents;

namespace LexyHub.Core.Tests.Intents;

public sealed class LexiconTests
{
    private static readonly LexiconClassifier s_lexicon = LexiconClassifier.English;

    [Theory]
    [InlineData("how to clean a silver ring", PurchaseIntent.Informational, PurchaseStage.Retention)]
    [InlineData("what is a signet ring", PurchaseIntent.Informational, PurchaseStage.Consideration)]
    [InlineData("etsy", PurchaseIntent.Navigational, PurchaseStage.Consideration)]
    [InlineData("john lewis cushions", PurchaseIntent.Navigational, PurchaseStage.Purchase)]
    [InlineData("best running shoes", PurchaseIntent.Commercial, PurchaseStage.Consideration)]
    [InlineData("how much does a headboard cost", PurchaseIntent.Commercial, PurchaseStage.Consideration)]
    [InlineData("necklace", PurchaseIntent.Commercial, PurchaseStage.Consideration)]
    [InlineData("buy gold hoop earrings online", PurchaseIntent.Transactional, PurchaseStage.Purchase)]
    [InlineData("Personalised leather wallet", PurchaseIntent.Transactional, PurchaseStage.Purchase)]
    [InlineData("locksmith manchester", PurchaseIntent.Transactional, PurchaseStage.Purchase)]
    public void Classify_PlainCases_FollowTheGuideline(string text, PurchaseIntent intent, PurchaseStage stage)
    {
        var result = s_lexicon.Classify(text);

        Assert.Equal((intent, stage), (result.Intent, result.Stage));
        Assert.InRange(result.Confidence, 0.25f, 1f);
    }

    [Fact]
    public void Describe_Facets_AreFoundInTheText()
    {
        const string text = "Personalised vintage silver necklace, Christmas gift for mum";

        var described = LexiconWording.Describe(text, s_lexicon.Classify(text), s_lexicon.Lexicon);

        Assert.Equal(new IntentFacets("christmas", "mother", "vintage", "silver", true), described.Facets);
        Assert.Equal((LexiconClassifier.Model, true, "purchase"), (described.Model, described.Calibrated, described.LegacyIntent));
        Assert.Equal(IntentFacets.None, LexiconWording.Describe("hot tub", s_lexicon.Classify("hot tub"), s_lexicon.Lexicon).Facets);
    }

    [Fact]
    public void Explain_Cues_AreTheWordsThatSpokeForTheIntent()
        => Assert.Equal("best (choose)", s_lexicon.Explain("best silver ring").Cues[0]);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("?!…")]
    [InlineData("\ud800 broken")]
    [InlineData("日本の指輪")]
    public void Classify_NothingToGoBy_IsUnsureAndDoesNotFail(string text)
        => Assert.InRange(s_lexicon.Classify(text).Confidence, 0f, 0.9f);

    [Fact]
    public void Classify_VeryLongText_IsReadAtItsBeginning()
    {
        var result = s_lexicon.Classify("how to " + string.Concat(Enumerable.Repeat("word ", 100_000)));

        Assert.Equal(PurchaseIntent.Informational, result.Intent);
    }

    [Fact]
    public void Classify_AnyText_AllocatesNothing()
    {
        s_lexicon.Classify("personalised vintage silver necklace for mum and families");
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1_000; i++)
            s_lexicon.Classify("personalised vintage silver necklace for mum and families");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
    }

    [Fact]
    public void Read_AnchorsPluralsAndTraps_AreKept()
    {
        var lexicon = new Lexicon(LexiconFile.Parse(new StringReader("""
            # a comment
            [cue question informational 3]
            ^how, what is
            [cue market]
            $uk
            [cue kind commercial 1]
            ring, boot
            [cue condition]
            sale, on sale
            [cue trap]
            boot sale
            [facet style art deco]
            art deco
            """)));
        var reader = new LexiconReader(lexicon);
        string[] CuesOf(string text) => [.. lexicon.Cues.Where((_, i) => (reader.Read(text).Cues >> i & 1) != 0)];

        Assert.Equal(["question", "kind"], CuesOf("how rings"));
        Assert.Equal(["kind"], CuesOf("ring how"));
        Assert.Equal(["question", "market"], CuesOf("what is uk"));
        Assert.Equal(["condition"], CuesOf("uk sale"));
        Assert.Equal([], CuesOf("boot sale"));
        Assert.Equal(["kind", "style"], CuesOf("ART-DECO ring"));
        Assert.Equal("art deco", lexicon.Facets[reader.Read("art deco").Style].Value);
    }

    [Fact]
    public void Read_HeadAndModifiers_AreFoundAroundPlacesAndPrepositions()
    {
        var lexicon = new Lexicon(LexiconFile.Parse(
            new StringReader("""
                [cue place]
                leeds
                [cue kind]
                lamp
                [class preposition]
                for
                """),
            new StringReader("""
                [class subject]
                arthritis
                [class quality]
                bright
                [cue compound]
                desk lamp
                [cue town]
                hythe
                """)));
        var reader = new LexiconReader(lexicon);
        (LexiconHead Head, LexiconShape Shape) Look(string text) => (reader.Read(text).Head, reader.Read(text).Shape);

        Assert.Equal(LexiconHead.Subject, Look("bright arthritis leeds").Head);
        Assert.Equal(LexiconHead.Thing, Look("bright lamp for arthritis").Head);
        Assert.Equal(LexiconHead.Name, Look("lamp zoggle").Head);
        Assert.True(Look("bright lamp leeds").Shape.HasFlag(LexiconShape.OneModifier));
        Assert.True(Look("bright desk lamp").Shape.HasFlag(LexiconShape.OneModifier | LexiconShape.CompoundHead));
        Assert.NotEqual(0UL, reader.Read("arthritis hythe").Cues & lexicon.MaskOf("place"));

        // Classes are known words, but are not weighed by themselves.
        Assert.False(Look("bright").Shape.HasFlag(LexiconShape.AllUnknown));
        Assert.DoesNotContain("cue:quality", LexiconWeights.FeaturesOf(reader.Read("bright"), lexicon));
        Assert.Contains("head:Quality", LexiconWeights.FeaturesOf(reader.Read("bright"), lexicon));
    }

    [Fact]
    public void Read_Kinds_AreOneAWordAndAPhraseOfOneThingCountsOnce()
    {
        var file = LexiconFile.Parse(new StringReader("""
            [kind thing]
            table, shoe, berry
            [kind quality]
            oak
            [kind quality]
            table
            [cue compound]
            coffee table
            [cue material]
            oak
            [cue retailer]
            corner shop, shoe
            [cue colour]
            red
            """));
        var reader = new LexiconReader(new Lexicon(file, "red"));

        string Kinds(string text) => reader.Read(text).Kinds.ToString();
        Assert.Equal("Colour Quality Thing", Kinds("red oak coffee table"));
        Assert.Equal("Destination Thing", Kinds("corner shop tables"));
        Assert.Equal("Destination Thing Unknown", Kinds("shoe berries zzyzx"));
        Assert.Equal("Year Number Measure Code", Kinds("2016 11 4kg a4x9"));
        Assert.Equal("0 -1 0", reader.Read("red table red").Words.ToString());
    }

    [Theory]
    [InlineData("tall oak coffee table with drawers")]
    [InlineData("best cheap running shoes uk 2016 size 11")]
    [InlineData("a")]
    public void NameOf_EveryFeatureOfABuild_ParsesToTheSameFeature(string text)
    {
        Span<ulong> features = stackalloc ulong[LexiconBuild.MaxFeatures];
        features = features[..LexiconBuild.Read(s_lexicon.Reader.Read(text).Kinds, features)];

        Assert.NotEmpty(features.ToArray());
        foreach (var feature in features)
            Assert.Equal(feature, LexiconBuild.Parse(LexiconBuild.NameOf(feature)));
        Assert.Null(LexiconBuild.Parse("pair:gadget thing"));
        Assert.Null(LexiconBuild.Parse("bias"));
    }

    [Fact]
    public void Read_TheMostWords_HaveRoomForAllTheirFeatures()
    {
        var kinds = s_lexicon.Reader.Read(string.Join(' ', Enumerable.Range(0, 60).Select(i => "abcdefghijklmnopqrstuvwxyz"[i % 26].ToString()))).Kinds;

        Span<ulong> features = stackalloc ulong[LexiconBuild.MaxFeatures];
        Assert.InRange(LexiconBuild.Read(kinds, features), LexiconText.MaxWords, LexiconBuild.MaxFeatures);
    }

    [Fact]
    public void Fit_WordsAndBuilds_ArePutWhereTheLabelsPutThem()
    {
        LabelledPhrase[] phrases =
        [
            .. Enumerable.Range(0, 20).Select(i => new LabelledPhrase(i % 2 == 0 ? "moss lamp" : "moss chair", PurchaseIntent.Informational, null, "")),
            .. Enumerable.Range(0, 20).Select(i => new LabelledPhrase(i % 2 == 0 ? "fern lamp" : "fern chair", PurchaseIntent.Transactional, null, "")),
        ];
        var lexicon = new Lexicon(LexiconFile.Parse(new StringReader("[kind thing]\nlamp, chair")), LexiconTrainer.WordsOf(phrases));
        var reader = new LexiconReader(lexicon);

        var written = LexiconTrainer.Write(LexiconTrainer.Fit(lexicon, [], [.. phrases.Select(phrase => (reader.Read(phrase.Text), phrase.Intent, 1d))], 0.01));

        var read = LexiconWeights.Read(new StringReader(written));
        var fitted = new LexiconClassifier(lexicon, new LexiconWeights(lexicon, read), null);
        Assert.Equal(["chair", "fern", "lamp", "moss"], LexiconWeights.WordsOf(read));
        Assert.Equal(PurchaseIntent.Informational, fitted.Classify("moss chair").Intent);
        Assert.Equal(PurchaseIntent.Transactional, fitted.Classify("fern chair").Intent);
        Assert.True(fitted.Classify("fern chair").Number > 0.9f);
    }

    [Theory]
    [InlineData("feature\nbias,1,2,3", "no feature with 4 numbers")]
    [InlineData("feature\nbias,1,2,3,x", "no feature with 4 numbers")]
    [InlineData("feature\nshape:Round,1,2,3,4", "no feature 'shape:Round'")]
    public void Read_WeightsThatAreNone_AreRefused(string text, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => new LexiconWeights(s_lexicon.Lexicon, LexiconWeights.Read(new StringReader(text))));

        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Explain_HeadThatSpeaksForTheIntent_IsNamed()
        => Assert.Contains("emphysema (head: subject)", s_lexicon.Explain("what is emphysema").Cues);

    [Fact]
    public void ReadHeld_Phrases_AreNoneThatTheLexiconWasFittedTo()
    {
        var held = LabelledPhrase.ReadHeld();

        Assert.True(held.Count >= 500);
        var fitted = LabelledPhrase.ReadShipped().Concat(LabelledPhrase.ReadLater()).Select(phrase => phrase.Text).ToList();
        Assert.Equal(fitted.Count, fitted.Distinct().Count());
        Assert.Empty(held.Select(phrase => phrase.Text).Intersect(fitted));
    }

    [Theory]
    [InlineData("word", "before the first section")]
    [InlineData("[cue]", "a section is")]
    [InlineData("[cue x lukewarm 2]", "is no intent")]
    [InlineData("[cue x commercial much]", "is no number")]
    [InlineData("[cue x]\none two three four five", "one to 4 words")]
    [InlineData("[cue x]\nUpper", "lower case")]
    [InlineData("[kind gadget]", "is no kind of word")]
    [InlineData("[kind thing]\ncoffee table", "is not one word")]
    public void Parse_WhatIsNotOfTheFormat_NamesTheLine(string text, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => LexiconFile.Parse(new StringReader(text)));

        Assert.Matches("^Line [12] of the lexicon", error.Message);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadShipped_Labels_AreEnoughOfEachClassAndNoneTwice()
    {
        var phrases = LabelledPhrase.ReadShipped();

        Assert.True(phrases.Count >= 600);
        Assert.Equal(phrases.Count, phrases.Select(phrase => phrase.Text).Distinct().Count());
        Assert.All(phrases.CountBy(phrase => phrase.Intent), count => Assert.True(count.Value >= 60));
        Assert.All(phrases.CountBy(phrase => phrase.Stage!.Value), count => Assert.True(count.Value >= 60));
        Assert.All(phrases.Where(phrase => phrase.Source == "made-up"), phrase => Assert.Equal(PurchaseStage.Retention, phrase.Stage));
    }

    [Theory]
    [InlineData("a,b\nx,y", "text and intent")]
    [InlineData("text,intent\nring,wholesale", "Record 1 has an intent")]
    [InlineData("text,intent\nring,commercial\n,commercial", "Record 2 has no text")]
    [InlineData("text,intent,purchaseStage\nring,commercial,later", "Record 1 has a purchaseStage")]
    public void Read_LabelsThatAreNone_SayWhichRecord(string csv, string message)
        => Assert.Contains(message, Assert.Throws<InvalidDataException>(() => LabelledPhrase.Read(new StringReader(csv))).Message, StringComparison.Ordinal);
}
