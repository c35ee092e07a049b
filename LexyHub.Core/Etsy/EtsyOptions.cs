using System.ComponentModel.DataAnnotations;
using LexyHub.Core.Http;

namespace LexyHub.Core.Etsy;

/// <summary>Section <c>Etsy</c>.</summary>
public sealed class EtsyOptions
{
    public const string Section = "Etsy";

    /// <summary>Whether the timer of etsy-sync does anything. By hand it runs either way.</summary>
    public bool Automation { get; set; }

    /// <summary>The app's keystring, which is also its OAuth client id.</summary>
    public string? KeyString { get; set; }

    /// <summary>Since February 2026 <c>x-api-key</c> must be <c>keystring:shared_secret</c>.</summary>
    public string? SharedSecret { get; set; }

    [ServiceAddress]
    public Uri BaseAddress { get; set; } = new("https://openapi.etsy.com/v3/application/");

    /// <summary>Etsy's own sources name api.etsy.com and openapi.etsy.com.</summary>
    [ServiceAddress]
    public Uri TokenEndpoint { get; set; } = new("https://api.etsy.com/v3/public/oauth/token");

    /// <summary>States of listings to be read; empty means all that Etsy has.</summary>
    [EachMatches("^(active|inactive|sold_out|draft|expired)$")]
    public IList<string> States { get; set; } = [];

    /// <summary>Of accounts whose <c>metadata</c> has no <c>market</c>.</summary>
    [Required, StringLength(50, MinimumLength = 1)]
    public string Market { get; set; } = "us";

    /// <summary>An incremental sync reads back to the start of the last successful one less this: clocks differ, and Etsy's order by
    /// update is not exact (github.com/etsy/open-api/issues/906).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan IncrementalOverlap { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>A run that asks for no mode reads an account in full once per this: only a full sync finds listings that are gone,
    /// and favourites of listings that were not edited.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "90.00:00:00")]
    public TimeSpan FullSyncInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Accounts read at once; the rate limit decides how fast.</summary>
    [Range(1, 16)]
    public int Concurrency { get; set; } = 4;

    /// <summary>Calls a second at most; Etsy's own limit, where it is lower, holds beside it.</summary>
    [Range(1, 1_000)]
    public int? MaxRequestsPerSecond { get; set; }

    /// <summary>Calls of the day that a run leaves to others with the same key.</summary>
    [Range(0, 1_000_000)]
    public int DailyReserve { get; set; } = 500;

    /// <summary>For one renewal of a token, its one repetition included. A claim on an account lives two of them.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan RefreshTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether tokens are stored encrypted from their next renewal on. LexyHub's application reads them as they are: see
    /// docs/adr/0011.</summary>
    public bool EncryptTokens { get; set; }

    /// <summary>Base64 of 32 bytes each, separated by commas: the first encrypts, all decrypt.</summary>
    public string? TokenKeys { get; set; }

    /// <summary>What is missing for a call; null where nothing is.</summary>
    public string? NotConfiguredReason
        => string.IsNullOrWhiteSpace(KeyString) || string.IsNullOrWhiteSpace(SharedSecret)
            ? "Etsy is not configured: set Etsy:KeyString and Etsy:SharedSecret (Etsy__KeyString, Etsy__SharedSecret) to those of the app at etsy.com/developers/your-apps."
            : null;
}
