using System.CommandLine;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using LexyHub.Core.Etsy;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub etsy</c>: connected shops.</summary>
internal static class EtsyCommand
{
    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var accounts = new CliCommand(
            "accounts",
            "Lists the connected Etsy shops with their state, their token's end and their last sync. Tokens are not shown.",
            "lexyhub etsy accounts",
            "lexyhub etsy accounts --json | jq '.[] | select(.status != \"active\")'");
        accounts.Handle(environment, globals, async (context, _, cancellationToken) =>
        {
            await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
            await using var services = CliServices.Build(context, session);
            await services.MigrateAsync(context, cancellationToken);
            Show(context, await services.GetRequiredService<EtsyAccountStore>().ListAsync(cancellationToken));
            return ExitCode.Done;
        });
        return new CliCommand(
            "etsy",
            $"About connected Etsy shops. `lexyhub run {JobCatalog.EtsySync}` syncs them.",
            "lexyhub etsy accounts")
        {
            accounts,
        };
    }

    private static void Show(CliContext context, IReadOnlyList<EtsyAccountSummary> accounts)
    {
        if (context.IsJson)
        {
            context.Console.Json(JsonSerializer.Serialize(accounts, JobJson.Options));
            return;
        }

        if (accounts.Count == 0)
        {
            context.Console.Line("No Etsy shop is connected: marketplace_accounts has none with provider_id 'etsy'.");
            return;
        }

        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in (string[])["Account", "Shop", "Shop id", "Status", "Token until (UTC)", "Last sync (UTC)", "Listings", "Sync"])
        {
            table.AddColumn(column);
        }

        foreach (var account in accounts)
        {
            table.AddRow(
                new Text(account.Id.ToString()),
                new Text(account.ShopName),
                new Text(account.ShopId),
                new Text(account.Status, new Style(account.Status == EtsyAccount.Active ? Color.Green : Color.Yellow)),
                new Text($"{Instant(account.TokenExpiresAt)}{(account.CanRenew ? "" : ", cannot be renewed")}{(account.IsEncrypted ? ", encrypted" : "")}"),
                new Text(Instant(account.LastSyncedAt)),
                new Text(Amounts.Count(account.Listings)),
                new Text(string.Join(": ", ((string?[])[account.SyncStatus, account.Cursor, account.SyncMessage ?? account.StatusReason]).OfType<string>())));
        }

        context.Console.Out.Write(table);
    }

    private static string Instant(DateTimeOffset? instant) => instant is { } at ? Amounts.Instant(at) : "-";
}
