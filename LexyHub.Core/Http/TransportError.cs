using System.Net.Sockets;
using System.Security.Authentication;

namespace LexyHub.Core.Http;

/// <summary>Names for what goes wrong before there is an answer.</summary>
internal static class TransportError
{
    public static bool Is(Exception exception) => exception is HttpRequestException or IOException or TimeoutException;

    public static RemoteServiceException ToError(string service, Exception exception) => exception switch
    {
        TimeoutException => new RemoteServiceException("timeout", exception.Message, exception),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => TooLarge(service, exception),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => new RemoteServiceException(
            "unreachable", $"The host of {service} is not known to DNS. Check its base address and the network.", exception),
        { InnerException: AuthenticationException } => new RemoteServiceException(
            "unreachable", $"{service} could not be reached over TLS. Check the certificate, the clock and any proxy.", exception),
        { InnerException: SocketException } or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } =>
            new RemoteServiceException(
                "unreachable", $"{service} refuses connections. Check its base address and the network.", exception),
        _ => new RemoteServiceException("unreachable", $"The connection to {service} broke off before its answer was complete.", exception),
    };

    public static RemoteServiceException TooLarge(string service, Exception cause) => new(
        "response-too-large", $"{service} sent a longer answer than is accepted. Raise Http:MaxResponseBytes if that is right.", cause);
}
