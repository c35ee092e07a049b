using Microsoft.Extensions.Options;

namespace LexyHub.Core.Etsy;

/// <summary>Rules about the keys of tokens; no message repeats one.</summary>
internal sealed class EtsyOptionsValidator : IValidateOptions<EtsyOptions>
{
    public ValidateOptionsResult Validate(string? name, EtsyOptions options)
    {
        if (EtsyTokenCipher.ParseKeys(options.TokenKeys) is not { } keys)
        {
            return ValidateOptionsResult.Fail("Etsy:TokenKeys must be Base64 of 32 bytes each, separated by commas, for example of `openssl rand -base64 32`.");
        }

        return options.EncryptTokens && keys.Count == 0
            ? ValidateOptionsResult.Fail("Etsy:EncryptTokens is true and Etsy:TokenKeys is empty: set a key, for example of `openssl rand -base64 32`.")
            : ValidateOptionsResult.Success;
    }
}
