using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using Npgsql;

namespace LexyHub.Core.Data;

/// <summary>Says what a failure of the database means for the person who must solve it.</summary>
public static partial class DatabaseErrors
{
    private static readonly HashSet<string> LexyHubTables =
    [
        "keywords", "listings", "listing_tags", "listing_stats", "embeddings", "concept_clusters", "trend_series", "job_runs",
        "data_providers", "marketplace_accounts", "provider_sync_states",
    ];

    /// <returns>The problem with what to do about it, or null where <paramref name="exception"/> is none of the database's.</returns>
    /// <param name="exception">Any exception; those that it wraps are looked at too.</param>
    /// <param name="dataSource">Names host and database in the message; its password never appears.</param>
    public static DatabaseException? Explain(Exception exception, NpgsqlDataSource? dataSource = null)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case DatabaseException explained:
                    return explained;
                case PostgresException refused when ExplainPooler(refused, Where(dataSource)) is { } explained:
                    return explained;
                case PostgresException refused when ExplainState(refused, Where(dataSource)) is { } explained:
                    return explained;
                case PostgresException other:
                    return new DatabaseException(
                        "database-error", 500, $"PostgreSQL refused a statement (SQLSTATE {other.SqlState}): {other.MessageText}. The log has the whole error.", other);
                case NpgsqlException { InnerException: PostgresException }:
                    continue;
                case NpgsqlOperationInProgressException:
                    // A fault of ours, not the database's.
                    return null;
                case NpgsqlException when e.Message.StartsWith("No password has been provided", StringComparison.Ordinal):
                    return LoginRefused(e, Where(dataSource), "it asks for a password and the connection string holds none");
                case NpgsqlException when e.Message.Contains("pool has been exhausted", StringComparison.Ordinal):
                    return NoneLeft(e, "This process's pool");
                case NpgsqlException or SocketException or ObjectDisposedException { ObjectName: "NpgsqlDataSource" }:
                    return Unreachable(e, Where(dataSource));
                default:
                    continue;
            }
        }

        return null;
    }

    /// <summary>Whether what was written is at fault (SQLSTATE classes 22 and 23, data exception and integrity constraint
    /// violation), so that the same write without a certain row would go in.</summary>
    public static bool IsAboutARow(PostgresException e)
        => e.SqlState.StartsWith("22", StringComparison.Ordinal) || e.SqlState.StartsWith("23", StringComparison.Ordinal);

    private static DatabaseException? ExplainState(PostgresException e, string where)
    {
        switch (e.SqlState)
        {
            case PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification:
                return LoginRefused(e, where, e.MessageText);
            case PostgresErrorCodes.InvalidCatalogName:
                return DatabaseMissing(e, where);
            case PostgresErrorCodes.InsufficientPrivilege:
                return new DatabaseException("database-right-missing", 500, RightMissing(e), e);
            case PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn:
                return new DatabaseException(
                    "schema-not-migrated", 500, $"The database's schema is older than this version of the jobs ({e.MessageText}). Run `lexyhub migrate`, or set Database:MigrateAtStartup to true.", e);
            case PostgresErrorCodes.UndefinedFile or PostgresErrorCodes.FeatureNotSupported when IsAboutVector(e):
            case PostgresErrorCodes.UndefinedObject when IsAboutVector(e):
                return new DatabaseException(
                    "vector-extension-missing",
                    500,
                    "The database lacks the extension vector (pgvector 0.7 or later). On Supabase switch it on under Database, Extensions; "
                        + "elsewhere install pgvector and run `create extension vector` as a superuser, then `lexyhub migrate`.",
                    e);
            case PostgresErrorCodes.TooManyConnections:
                return NoneLeft(e, where);
            case { } state when state.StartsWith("57P", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal):
                return Unreachable(e, where);
            default:
                return null;
        }
    }

    // Poolers answer with states of their own choice; only the text tells.
    private static DatabaseException? ExplainPooler(PostgresException e, string where)
    {
        if (e.SqlState is not (PostgresErrorCodes.ProtocolViolation or PostgresErrorCodes.InternalError))
        {
            return null;
        }

        return e.MessageText switch
        {
            var text when Says(text, "tenant or user not found") || Says(text, "tenant/user") => new DatabaseException(
                "database-login-refused", 502, $"{where} does not know the project: at Supabase's pooler the user is postgres.<project>.", e),
            var text when Says(text, "no such user") || Says(text, "authentication failed") => LoginRefused(e, where, text),
            var text when Says(text, "no such database") || (Says(text, "database") && Says(text, "does not exist")) => DatabaseMissing(e, where),
            var text when Says(text, "max client") || Says(text, "no more connections allowed") => NoneLeft(e, where),
            _ => null,
        };

        static bool Says(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
    }

    private static DatabaseException LoginRefused(Exception e, string where, string why)
        => new(
            "database-login-refused",
            502,
            $"{where} refused the login ({why}). Check user name and password in ConnectionStrings:LexyHub or SUPABASE_DB_URL "
                + "(in a URI the password is percent-encoded; at Supabase's pooler the user is postgres.<project>).",
            e);

    private static DatabaseException DatabaseMissing(Exception e, string where)
        => new(
            "database-missing", 502, $"{where} does not exist there. Check the database's name in ConnectionStrings:LexyHub or SUPABASE_DB_URL.", e);

    private static DatabaseException NoneLeft(Exception e, string who)
        => new(
            "database-unreachable", 503, $"{who} has no connection left. Lower Database:MaxPoolSize of the processes that share the database, or use the pooler's address.", e);

    private static DatabaseException Unreachable(Exception e, string where)
        => new(
            "database-unreachable",
            503,
            $"{where} cannot be reached or broke off ({Reason(e)}). Check that it runs, that host and port are right and that its firewall lets this host in; the next run goes on from here.",
            e);

    private static string Reason(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException socket:
                    return socket.SocketErrorCode.ToString();
                case TimeoutException:
                    return "timed out";
                case AuthenticationException:
                    return "TLS was refused; see sslmode and the root certificate";
                case PostgresException refused:
                    return refused.MessageText;
                case EndOfStreamException or IOException:
                    return "connection lost";
            }
        }

        return "no connection";
    }

    // The object's name is taken from the server's message: 'permission denied for table keywords', 'must be owner of …'.
    private static string RightMissing(PostgresException e)
    {
        var match = DeniedObject().Match(e.MessageText);
        var name = match.Groups["name"].Value;
        var grant = match.Groups["kind"].Value switch
        {
            _ when e.MessageText.Contains("row-level security", StringComparison.Ordinal)
                => "let the jobs connect as the owner of the tables, or `alter role … bypassrls`",
            _ when !match.Success => "grant the jobs' role what the message names, or connect as the owner of the tables",
            "extension" => "have a superuser run `create extension vector`",
            _ when match.Groups["owner"].Success => $"run `lexyhub migrate` as the owner of {Qualified(name)}, or grant the jobs' role membership in it",
            "schema" => $"grant usage, create on schema {name} to the jobs' role",
            "sequence" => $"grant usage on sequence {Qualified(name)} to the jobs' role",
            "function" => $"grant execute on function {Qualified(name)} to the jobs' role",
            "database" => $"grant create on database {name} to the jobs' role",
            _ => $"grant select, insert, update, delete on {Qualified(name)} to the jobs' role",
        };
        return $"The connected role lacks a right ({e.MessageText}): {grant}.";
    }

    // The server names the table without its schema.
    private static string Qualified(string name)
        => LexyHubTables.Contains(name) ? $"public.{name}" : $"{LockingJournal.Schema}.{name}";

    // vector, or halfvec of pgvector 0.7.
    private static bool IsAboutVector(PostgresException e)
        => e.MessageText.Contains("vector", StringComparison.Ordinal) || e.MessageText.Contains("halfvec", StringComparison.Ordinal);

    private static string Where(NpgsqlDataSource? dataSource)
    {
        if (dataSource is null)
        {
            return "The database";
        }

        var connection = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        return $"The database {connection.Database} at {connection.Host}:{connection.Port}";
    }

    [GeneratedRegex("""(?:permission denied (?:for|to create)|(?<owner>must be owner of)) (?<kind>[a-z]+)(?: "?(?<name>[^"]+)"?)?""")]
    private static partial Regex DeniedObject();
}
