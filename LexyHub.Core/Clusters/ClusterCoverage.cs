using System.Globalization;
using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>Whether a rebuild may replace what there is.</summary>
internal static class ClusterCoverage
{
    private const string WidthsSql = """
        select a.attrelid::regclass::text || '.' || a.attname, a.atttypmod
        from pg_attribute a
        where (a.attrelid, a.attname) in (('embeddings'::regclass, 'embedding'), ('concept_clusters'::regclass, 'centroid_vector'))
        order by 1 desc
        """;

    private const string HasClustersSql = "select exists (select from concept_clusters)";

    /// <exception cref="JobException"><c>dimensions-mismatch</c>: vectors or centroids of the model do not fit their column.</exception>
    public static async Task CheckWidthAsync(NpgsqlDataSource dataSource, int dimensions, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(WidthsSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetInt32(1) is > 0 and var width && width != dimensions)
            {
                throw new JobException(
                    "dimensions-mismatch", 500, $"The model gives {dimensions} dimensions, {reader.GetString(0)} holds {width}. Set Embeddings:Dimensions to {width}.");
            }
        }
    }

    /// <returns>Null where the new clusters may take the place of the old ones. After a change of model most keywords have no
    /// vector for a while, and while LexyHub fills its table anew there are none at all: clusters of the few that have one would
    /// retire nearly all, and their ids and names with them.</returns>
    public static async Task<string?> FindReasonToWaitAsync(RebuildScope scope, RebuildState state, CancellationToken cancellationToken)
    {
        var terms = state.Points + state.Missing + state.Rejected;
        if (state.Points > 0 && state.Points >= scope.Options.MinCoverage * terms)
        {
            return null;
        }

        await using var command = scope.DataSource.CreateCommand(HasClustersSql);
        return await command.ExecuteScalarAsync(cancellationToken) is not true ? null
            : state.Points == 0 ? $"No keyword has a vector of {scope.Model}: the clusters are left as they are. embed-missing makes the vectors."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Only {state.Points:N0} of {terms:N0} keywords have a vector of {scope.Model} (Clusters:MinCoverage is {scope.Options.MinCoverage}): the clusters are left as they are until embed-missing has caught up.");
    }
}
