using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Data;

/// <summary>Section <c>Database</c>. The connection itself is <c>ConnectionStrings:LexyHub</c> or <c>SUPABASE_DB_URL</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>Apply pending migrations when a host starts. Off where a deployment step runs <c>lexyhub migrate</c>.</summary>
    public bool MigrateAtStartup { get; set; }

    /// <summary>Connections that one process keeps at most, unless the connection string says otherwise.
    /// Supabase's smaller plans give a pooler 15 for everybody.</summary>
    [Range(2, 100)]
    public int MaxPoolSize { get; set; } = 8;
}
