using System.Text.Json;
using System.Text.Json.Serialization;
using LexyHub.Core.Jobs;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Clusters;

/// <summary>The rebuild that is under way: found again by the next run, given up after <see cref="MaxAge"/> or when settings change.</summary>
internal static class RebuildStore
{
    /// <summary>An older rebuild is begun anew: keywords have come and gone since its snapshot.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private const string FindSql = "select id, state from lexyhub_jobs.cluster_rebuilds where settings = @settings and started_at > @since";

    private const string InsertSql = """
        insert into lexyhub_jobs.cluster_rebuilds (id, settings, state, started_at) values (@id, @settings, @state, @now)
        """;

    private const string SaveSql = "update lexyhub_jobs.cluster_rebuilds set state = @state where id = @id";

    // One lease: no other rebuild is under way.
    private const string DropSql = """
        delete from lexyhub_jobs.cluster_rebuild_vectors;
        delete from lexyhub_jobs.cluster_rebuild_markets;
        delete from lexyhub_jobs.cluster_rebuild_members;
        delete from lexyhub_jobs.cluster_rebuild_lineage;
        delete from lexyhub_jobs.cluster_rebuild_clusters;
        delete from lexyhub_jobs.cluster_rebuilds;
        """;

    /// <summary>Goes on with the rebuild under way, or begins one.</summary>
    /// <param name="settings">All that its result depends on, data aside.</param>
    public static async Task<ClusterRebuild> OpenAsync(
        JobContext context, string settings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using (var command = context.DataSource.CreateCommand(FindSql))
        {
            command.Parameters.Add(new NpgsqlParameter<string>("settings", settings));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("since", now - MaxAge));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
            {
                return new ClusterRebuild(reader.GetGuid(0), JsonSerializer.Deserialize<RebuildState>(reader.GetString(1), Json)!);
            }
        }

        var rebuild = new ClusterRebuild(Guid.CreateVersion7(now), new RebuildState());
        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        await DropAsync(transaction.Connection, cancellationToken);
        await using (var insert = new NpgsqlCommand(InsertSql, transaction.Connection))
        {
            insert.Parameters.Add(new NpgsqlParameter<Guid>("id", rebuild.Id));
            insert.Parameters.Add(new NpgsqlParameter<string>("settings", settings));
            insert.Parameters.Add(StateOf(rebuild.State));
            insert.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(context.LastProgress with { Stage = "reading vectors" }, cancellationToken);
        return rebuild;
    }

    /// <summary>Writes how far it is, with what the same transaction wrote.</summary>
    public static async Task SaveAsync(NpgsqlConnection connection, Guid id, RebuildState state, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SaveSql, connection) { Parameters = { new NpgsqlParameter<Guid>("id", id), StateOf(state) } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task DropAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(DropSql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter StateOf(RebuildState state)
        => new("state", NpgsqlDbType.Jsonb) { Value = JsonSerializer.Serialize(state, Json) };
}
