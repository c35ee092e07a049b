using System.Net;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Providers;

/// <summary>Refusals after which nothing can go on, in the words of a run's answer.</summary>
internal static class ProviderFailure
{
    /// <param name="deploymentSetting">Where Azure's name of the deployment is set.</param>
    /// <returns>What ends the run, or null where only this request has failed.</returns>
    public static Exception? Find(ProviderRefusedException refused, string deploymentSetting)
    {
        var refusal = refused.Refusal;
        if (refusal.IsQuotaExhausted)
        {
            return new JobException(
                "provider-quota-exhausted", 502, $"{refused.Message} Waiting does not help: raise the account's quota or pay its bill.", refused);
        }

        return refusal.Status switch
        {
            HttpStatusCode.TooManyRequests => new RemoteServiceException("rate-limited", refused.Message, refused)
            {
                StatusCode = refusal.Status,
                RetryAfter = refusal.RetryAfter,
            },
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new JobException(
                "provider-unauthorized", 502, $"{refused.Message} Check the key, or the role of the managed identity.", refused),
            HttpStatusCode.NotFound when refusal.Code == "DeploymentNotFound" => new JobException(
                "provider-deployment-not-found", 502,
                $"{refused.Message} Set {deploymentSetting} to the deployment's name in AZURE_OPENAI_ENDPOINT.", refused),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict => null,
            _ => Refusing(refused),
        };
    }

    public static JobException Refusing(ProviderRefusedException refused) => new(
        "provider-refused", 502,
        $"{refused.Message} It refuses what every request has in common: check the model, its settings and the address.", refused);

    public static JobException Failing(string reason) => new(
        "provider-failing", 503, $"One request after the other has failed. The last: {reason}");
}
