namespace LexyHub.Core.Data;

/// <summary>The two sets of migrations: one runs on any PostgreSQL, the other needs pgvector.</summary>
public enum MigrationSet
{
    /// <summary>Needs no extension.</summary>
    Core,

    /// <summary>Needs pgvector 0.7 or later.</summary>
    Vector,
}
