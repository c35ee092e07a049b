using System.Diagnostics;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Etsy;

/// <summary>Real processes, killed as the kernel or a host does it.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class EtsyKilledRunTests(NativePostgres postgres)
{
    private const int Kills = 20;

    [Fact]
    public async Task RunAsync_KilledMidPageTwentyTimes_EndsInTheSameTablesAsAnUndisturbedRun()
    {
        await using var undisturbed = await ShopsAsync();
        Assert.Equal(RunStatus.Succeeded, (await undisturbed.RunAsync()).Status);

        await using var host = await ShopsAsync();
        var pagesOfLives = new List<int>();
        for (var life = 0; life < Kills; life++)
        {
            pagesOfLives.Add(await LiveAndDieAsync(host, life));
        }

        host.Etsy.OnPage = null;
        host.Etsy.OnAnswered = null;
        await host.Host.ExecuteAsync("update lexyhub_jobs.etsy_token_claims set expires_at = now()");
        var last = await Eventually.FindAsync(async () => await host.RunAsync() is { Status: not RunStatus.AlreadyRunning } run ? run : null, "the lease lapses");

        Assert.Equal(RunStatus.Succeeded, last.Status);
        Assert.Equal(Kills, await host.Host.QueryAsync<long>("select count(*) from job_runs where status = 'abandoned'"));
        Assert.All(pagesOfLives, pages => Assert.InRange(pages, 1, 4));
        Assert.Equal(await EtsyHost.DumpAsync(undisturbed.Connection), await EtsyHost.DumpAsync(host.Connection));

        // Each life went on where the one before was killed: each kill cost two pages at most, with the one that was under way.
        Assert.InRange(host.Etsy.Pages.Count(), undisturbed.Etsy.Pages.Count(), undisturbed.Etsy.Pages.Count() + (2 * Kills));
    }

    // By turns while a page is asked for, and when its answer is on its way to be written.
    private static async Task<int> LiveAndDieAsync(EtsyHost host, int life)
    {
        var before = host.Etsy.Pages.Count();
        var after = 1 + (life % 3);
        var due = new TaskCompletionSource();
        host.Etsy.OnPage = async (context, _, number) =>
        {
            if (life % 2 == 0 && number == before + after)
            {
                due.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return true;
            }

            return false;
        };
        host.Etsy.OnAnswered = number =>
        {
            if (life % 2 == 1 && number == before + after)
            {
                due.TrySetResult();
            }
        };
        await Eventually.TrueAsync(
            () => host.Host.QueryAsync<bool>("select not exists (select from lexyhub_jobs.job_leases where job = 'etsy-sync' and expires_at > clock_timestamp())"), "the lease lapses");
        using var process = EtsyProcess.Start(host);
        Assert.Same(due.Task, await Task.WhenAny(due.Task, process.WaitForExitAsync()));
        process.Kill();
        await process.WaitForExitAsync();
        return host.Etsy.Pages.Count() - before;
    }

    private async Task<EtsyHost> ShopsAsync()
    {
        var host = await EtsyHost.CreateAsync(postgres, "", ("Etsy:Concurrency", "1"), ("Jobs:Heartbeat", "00:00:00.200"));
        await host.ConnectAsync(1, listings: 2_300);
        await host.ConnectAsync(2, listings: 2_200, metadata: """{"market": "de"}""");
        await host.ConnectAsync(3, listings: 150);
        return host;
    }
}
