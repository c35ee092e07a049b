using System.Security.Cryptography;
using System.Text;
using LexyHub.Core.Intents;
using LexyHub.Core.Tests.Workflow;

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
            [cue question]
            ^how, what is
            [cue market]
            $uk
            [cue kind]
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
        Assert.DoesNotContain("cue:quality", LexiconTrainer.FeaturesOf("bright", reader.Read("bright"), lexicon));
        Assert.Contains("head:Quality", LexiconTrainer.FeaturesOf("bright", reader.Read("bright"), lexicon));
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
        var reader = new LexiconReader(new Lexicon(file));

        string Kinds(string text) => reader.Read(text).Kinds.ToString();
        Assert.Equal("Colour Quality Thing", Kinds("red oak coffee table"));
        Assert.Equal("Destination Thing", Kinds("corner shop tables"));
        Assert.Equal("Destination Thing Unknown", Kinds("shoe berries zzyzx"));
        Assert.Equal("Year Number Measure Code", Kinds("2016 11 4kg a4x9"));
        Assert.Equal("Colour Quality Thing Thing", reader.Read("red oak coffee table").WordKinds.ToString());
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

    [Theory]
    [InlineData("tall oak coffee table with drawers")]
    [InlineData("best cheap men's running shoes uk 2016 size 11")]
    [InlineData("a")]
    [InlineData("zzyzxian gadgetron")]
    public void NameIn_EveryFeatureOfAText_ParsesToTheSameNumber(string text)
    {
        var features = new Collected(s_lexicon.Lexicon);

        LexiconFeatures.Read(text, s_lexicon.Reader.Read(text), s_lexicon.Lexicon, ref features);

        Assert.NotEmpty(features.Found);
        Assert.All(features.Found, feature => Assert.Equal(feature.Key, LexiconFeature.Parse(feature.Name, s_lexicon.Lexicon)));
        Assert.Equal(features.Found.Distinct().Count(), features.Found.Select(feature => feature.Key).Distinct().Count());
    }

    [Fact]
    public void Read_FeaturesOfWords_AreOfTheirStemsNeighboursClustersAndParts()
    {
        var lexicon = new Lexicon(
            LexiconFile.Parse(new StringReader("[kind colour]\nred\n[kind thing]\nring")), WordClusters.Parse(new StringReader("word,coarse,middle,fine\nring,1,22,333\nred,4,5,6")));

        var features = LexiconTrainer.FeaturesOf("Red rings", new LexiconReader(lexicon).Read("Red rings"), lexicon);

        Assert.Superset(
            new HashSet<string>
            {
                "word:red", "word:ring", "last-word:ring", "words:red ring", "before:edge red", "after:red thing", "between:colour ring edge",
                "behind:edge colour ring", "ahead:red thing edge", "cluster:0 1", "cluster:1 22", "cluster:2 333", "last-cluster:2 333", "clusters:4 1",
                "part:<ri", "part:<rin", "part:ring", "part:ng>", "pair:colour thing",
            },
            features.ToHashSet());
        Assert.DoesNotContain("last-word:red", features);
    }

    [Fact]
    public void Fit_Words_ArePutWhereTheLabelsPutThemAndNewOnesBesideTheirLike()
    {
        LabelledPhrase[] phrases =
        [
            .. Enumerable.Range(0, 400).Select(i => new LabelledPhrase(i % 2 == 0 ? "moss lamp" : "moss chair", PurchaseIntent.Informational, null, "")),
            .. Enumerable.Range(0, 400).Select(i => new LabelledPhrase(i % 2 == 0 ? "fern lamp" : "fern chair", PurchaseIntent.Transactional, null, "")),
        ];
        var lexicon = new Lexicon(
            LexiconFile.Parse(new StringReader("[kind thing]\nlamp, chair")), WordClusters.Parse(new StringReader("word,coarse,middle,fine\nmoss,1,1,1\nlichen,1,1,1\nfern,2,2,2")));
        var reader = new LexiconReader(lexicon);

        var weights = LexiconTrainer.Fit([.. phrases.Select(phrase => (LexiconTrainer.FeaturesOf(phrase.Text, reader.Read(phrase.Text), lexicon), phrase.Intent, 1f))], 1);

        var read = LexiconWeights.Read(new StringReader(weights.Write()));
        var fitted = new LexiconClassifier(lexicon, new LexiconNetwork(lexicon, read), null);
        Assert.Equal(weights.Write(), read.Write());
        Assert.Equal(PurchaseIntent.Informational, fitted.Classify("moss chair").Intent);
        Assert.Equal(PurchaseIntent.Transactional, fitted.Classify("fern chair").Intent);
        Assert.True(fitted.Classify("fern chair").Number > 0.8f);

        // By its cluster, and by its parts.
        Assert.Equal(PurchaseIntent.Informational, fitted.Classify("lichen lamp").Intent);
        Assert.Equal(PurchaseIntent.Transactional, fitted.Classify("ferny lamp").Intent);
    }

    [Fact]
    public void Fit_SamePhrases_GiveTheSameWeights()
    {
        (string[], PurchaseIntent, float)[] phrases = [.. Enumerable.Range(0, 200).Select(i => (new[] { $"word:{(char)('a' + (i % 7))}" }, (PurchaseIntent)(i % 4), 1f))];

        Assert.Equal(LexiconTrainer.Fit(phrases, 3).Write(), LexiconTrainer.Fit(phrases, 3).Write());
        Assert.NotEqual(LexiconTrainer.Fit(phrases, 3).Write(), LexiconTrainer.Fit(phrases, 4).Write());
    }

    [Theory]
    [InlineData(1f, 0.2f, PurchaseIntent.Commercial)]
    [InlineData(0.2f, 1f, PurchaseIntent.Transactional)]
    public void Fit_LabelsThatDisagree_CountByTheirWeights(float commercial, float transactional, PurchaseIntent expected)
    {
        (string[], PurchaseIntent, float)[] phrases =
        [
            .. Enumerable.Repeat((new[] { "word:ring" }, PurchaseIntent.Commercial, commercial), 300),
            .. Enumerable.Repeat((new[] { "word:ring" }, PurchaseIntent.Transactional, transactional), 300),
        ];
        var lexicon = new Lexicon(LexiconFile.Parse(new StringReader("")));

        var fitted = new LexiconClassifier(lexicon, new LexiconNetwork(lexicon, LexiconTrainer.Fit(phrases, 1)), null);

        Assert.Equal(expected, fitted.Classify("ring").Intent);
    }

    [Fact]
    public void Score_HiddenUnits_AreSilentBelowZeroAndWeighedByTheScaleOfBoth()
    {
        var lexicon = new Lexicon(LexiconFile.Parse(new StringReader("")));
        var network = new LexiconNetwork(lexicon, WeightsOf(0.1f, ("commercial", 2), ("word:up", 10), ("word:down", -10)));
        float Commercial(string text) => network.Score(text, new LexiconReader(lexicon).Read(text))[(int)PurchaseIntent.Commercial];

        // 48 units of 1, weighed by 0.2 each.
        var power = Math.Exp(LexiconNetwork.Width * 1 * 0.2);
        Assert.Equal(power / (power + 3), Commercial("up"), 1e-4);
        Assert.Equal(0.25, Commercial("down"), 1e-4);
        Assert.Equal(0.25, Commercial("up down"), 1e-4);
    }

    [Fact]
    public void Explain_CueOfAWordThatSpeaks_IsNamedInsteadOfTheWord()
    {
        var lexicon = new Lexicon(LexiconFile.Parse(new StringReader("[cue choose]\nzap")));
        var classifier = new LexiconClassifier(lexicon, new LexiconNetwork(lexicon, WeightsOf(0.1f, ("commercial", 1), ("word:zap", 5), ("word:zip", 3))), null);

        Assert.Equal(["zap (choose)", "zip (word)"], classifier.Explain("zip zap").Cues);
    }

    [Fact]
    public void Explain_PhraseOfSeveralWords_SpeaksWithAllOfThem()
    {
        var (result, cues) = s_lexicon.Explain("john lewis cushions");

        Assert.Equal(PurchaseIntent.Navigational, result.Intent);
        Assert.StartsWith("john lewis (", cues[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("feature,weights\nhidden-bias,AAAA", "do not begin with their scale")]
    [InlineData("feature,weights\nscale,much", "do not begin with their scale")]
    [InlineData("feature,weights\nscale,1\nhidden-bias,AAAA", "no feature with 48 weights")]
    [InlineData("feature,weights\nscale,1\nhidden-bias", "no feature with 48 weights")]
    [InlineData("feature,weights\nscale,1", "no line 'hidden-bias'")]
    public void Read_WeightsThatAreNone_AreRefused(string text, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => new LexiconNetwork(s_lexicon.Lexicon, LexiconWeights.Read(new StringReader(text))));

        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("shape:Round", null, "no feature 'shape:Round'")]
    [InlineData("before:7 ring", null, "no feature 'before:7 ring'")]
    [InlineData("gadget", null, "no feature 'gadget'")]
    [InlineData("word:ring", "word:ring", "Lines 1 and 2")]
    public void Load_WeightsOfWhatTheLexiconHasNot_AreRefused(string feature, string? other, string message)
    {
        var weights = LexiconTrainer.Fit([.. Enumerable.Repeat((Array.Empty<string>(), PurchaseIntent.Commercial, 1f), 3)], 1);
        string?[] names = [feature, other];
        weights = weights with { Lines = [.. weights.Lines, .. names.OfType<string>().Select(name => (name, new sbyte[LexiconNetwork.Width]))] };

        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => new LexiconNetwork(s_lexicon.Lexicon, weights)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryFind_Rows_AreThoseOfTheirKeysAndNoOther()
    {
        ulong[] keys = [.. Enumerable.Range(0, 5_000).Select(i => (ulong)i * 0x1000_0000_0000_0001)];
        var rows = new LexiconRows(keys);

        Assert.All(keys.Index(), key => Assert.True(rows.TryFind(key.Item, out var row) && row == key.Index));
        Assert.All(Enumerable.Range(5_000, 5_000), i => Assert.False(rows.TryFind((ulong)i * 0x1000_0000_0000_0001, out _)));
    }

    [Theory]
    [InlineData("ring,1,2")]
    [InlineData("ring,1,2,many")]
    [InlineData(",1,2,3")]
    public void Parse_ClustersThatAreNone_AreRefused(string line)
        => Assert.Contains($"'{line}'", Assert.Throws<InvalidDataException>(() => WordClusters.Parse(new StringReader($"word,coarse,middle,fine\n{line}"))).Message, StringComparison.Ordinal);

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

    [Fact]
    public void OtherLabels_Hashes_AreOfNoPhraseThatShipsAndTheSealedOnesAreInNoOtherFile()
    {
        string[] HashesOf(string file) => [.. File.ReadLines(Path.Combine(WorkflowScript.RepositoryRoot(), "LexyHub.Core/Intents/Labels", file)).Skip(1).Select(line => line.Split(',')[0])];
        var (others, sealedOnes) = (HashesOf("others.csv"), HashesOf("sealed.csv"));
        IReadOnlyList<LabelledPhrase> shipped = [.. LabelledPhrase.ReadShipped(), .. LabelledPhrase.ReadLater(), .. LabelledPhrase.ReadHeld()];
        var hashes = shipped.Select(phrase => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(phrase.Text.ToLowerInvariant())))[..16]).ToList();

        Assert.Equal((65_811, 691), (others.Length, sealedOnes.Length));
        Assert.Equal(others.Length + sealedOnes.Length + hashes.Count, others.Concat(sealedOnes).Concat(hashes).Distinct().Count());
    }

    [Theory]
    [InlineData("word", "before the first section")]
    [InlineData("[cue]", "a section is")]
    [InlineData("[cue x commercial 2]", "a section is")]
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

    // Rows of one number each; those of the network itself are 0 where nothing is said.
    private static LexiconWeights WeightsOf(float scale, params (string Feature, sbyte Step)[] rows)
    {
        sbyte[] Row(int length, sbyte step) => [.. Enumerable.Repeat(step, length)];
        IEnumerable<(string, sbyte[])> own = IntentTaxonomy.Intents.Except(rows.Select(row => row.Feature)).Append(LexiconWeights.HiddenBias).Select(name => (name, Row(LexiconNetwork.Width, 0)));
        return new LexiconWeights(scale, [.. own, (LexiconWeights.OutputBias, Row(IntentTaxonomy.IntentCount, 0)), .. rows.Select(row => (row.Feature, Row(LexiconNetwork.Width, row.Step)))]);
    }

    private sealed class Collected(Lexicon lexicon) : ILexiconFeatures
    {
        public List<(ulong Key, string Name)> Found { get; } = [];

        public void Add(scoped LexiconFeature feature, int word) => Found.Add((feature.Key, feature.NameIn(lexicon)));

        public bool AddWord(scoped LexiconFeature feature, int word)
        {
            Add(feature, word);
            return false;
        }
    }
}
