using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Http;

/// <summary>An absolute address that secrets may be sent to: https, or http on this machine.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ServiceAddressAttribute : ValidationAttribute
{
    public ServiceAddressAttribute()
        : base("{0} must be an absolute https address (http is accepted for this machine only), without user, query and fragment.")
    {
    }

    public override bool IsValid(object? value)
        => value is Uri { IsAbsoluteUri: true } address
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            && address is { UserInfo: "", Query: "", Fragment: "" };
}
