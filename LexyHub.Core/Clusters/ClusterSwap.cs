using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Clusters;

/// <summary>What a rebuild has come to.</summary>
/// <param name="Members">Keywords that are in a cluster.</param>
/// <param name="Outliers">Keywords with a vector that are in none.</param>
internal sealed record ClusterCounts(long Clusters, long Members, long Outliers, long Created, long Kept, long Retired);

/// <summary>Puts the new clusters in the place of the old ones, within the caller's transaction: readers see either. Rows that stay
/// as they are are not written.</summary>
internal static class ClusterSwap
{
    /// <summary>How long it is known how clusters came and went.</summary>
    public static readonly TimeSpan LineageAge = TimeSpan.FromDays(400);

    private const int Exemplars = 5;
    private const int TimeoutSeconds = 600;

    /// <param name="connection">Within a transaction.</param>
    /// <param name="scope">Of the rebuild.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">Ends a statement.</param>
    /// <returns>Null where none of the keywords is there any more while clusters are: to be rolled back.</returns>
    public static async Task<ClusterCounts?> RunAsync(
        NpgsqlConnection connection, RebuildScope scope, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var sql in (string[])[
            ClusterSwapSql.Lock, ClusterSwapSql.Snapshot, "analyze cluster_swap_snapshot",
            ClusterSwapSql.NewClusters, "analyze cluster_swap_new (number, cluster_id)", ClusterSwapSql.Members, "analyze cluster_swap_members",
            ClusterSwapSql.Keywords, ClusterSwapSql.KeywordsIndex, "analyze cluster_swap_keywords", ClusterSwapSql.Clusters, "analyze cluster_swap (cluster_id)"])
        {
            await ExecuteAsync(sql);
        }

        await using (var command = new NpgsqlCommand(ClusterSwapSql.HasNoKeyword, connection))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return null;
            }
        }

        var retired = await ExecuteAsync(ClusterSwapSql.Retire);
        await ExecuteAsync(ClusterSwapSql.Keep);
        var created = await ExecuteAsync(ClusterSwapSql.Create);
        foreach (var sql in (string[])[
            ClusterSwapSql.PlaceAgain, ClusterSwapSql.RemoveMembers, ClusterSwapSql.ChangeMembers, ClusterSwapSql.AddMembers, ClusterSwapSql.RemoveGone,
            ClusterSwapSql.Settle, ClusterSwapSql.RemoveFacts, ClusterSwapSql.WriteFacts, ClusterSwapSql.RemoveMarkets, ClusterSwapSql.WriteMarkets,
            ClusterSwapSql.WriteLineage, ClusterSwapSql.ForgetLineage])
        {
            await ExecuteAsync(sql);
        }

        await using var count = new NpgsqlCommand(ClusterSwapSql.Counts, connection);
        await using var reader = await count.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var clusters = reader.GetInt64(0);
        return new ClusterCounts(clusters, reader.GetInt64(1), reader.GetInt64(2), created, clusters - created, retired);

        async Task<int> ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
            command.Parameters.AddRange(Parameters(scope, now).Where(parameter => sql.Contains($"@{parameter.ParameterName}", StringComparison.Ordinal)).ToArray());
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static IEnumerable<NpgsqlParameter> Parameters(RebuildScope scope, DateTimeOffset now) =>
    [
        new NpgsqlParameter<Guid>("id", scope.Id),
        new NpgsqlParameter<Guid>("runId", scope.Context.RunId),
        new NpgsqlParameter<string>("model", scope.Model),
        new NpgsqlParameter<string>("reduction", scope.ReductionName),
        new NpgsqlParameter<bool>("local", scope.Embeddings.IsLocal),
        new NpgsqlParameter<int>("exemplars", Exemplars),
        new NpgsqlParameter<DateTime>("now", NpgsqlDbType.TimestampTz) { TypedValue = now.UtcDateTime },
        new NpgsqlParameter<TimeSpan>("lineageAge", NpgsqlDbType.Interval) { TypedValue = LineageAge },
    ];
}
