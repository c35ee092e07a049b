using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Providers;

/// <summary>How the chat model is asked; section <c>Chat</c>. Which one it is says <see cref="ProviderOptions.ChatModel"/>.</summary>
public sealed class ChatModelOptions
{
    /// <summary>Most requests at once; rate limits decide how many of them there are.</summary>
    [Range(1, 256)]
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>For one try of a request, its whole answer included.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>What requests under way get to end when the run has to stop.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")]
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Null where the model refuses to be told, as reasoning models do.</summary>
    [Range(0d, 2d)]
    public double? Temperature { get; set; } = 0;

    /// <summary>In US dollars, for the estimated cost of a run.</summary>
    [Range(0d, 1_000d)]
    public double InputPricePerMillionTokens { get; set; } = 0.15;

    /// <summary>In US dollars, for the estimated cost of a run.</summary>
    [Range(0d, 1_000d)]
    public double OutputPricePerMillionTokens { get; set; } = 0.60;
}
