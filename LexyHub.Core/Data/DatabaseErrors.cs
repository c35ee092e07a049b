using System.Net.Sockets;
using System.Text.RegularExpressions;
using Npgsql;

namespace LexyHub.Core.Data;

/// <summary>Says what a failure of the database means for the person who must solve it.</summary>
public static partial class DatabaseErrors
{
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
                case PostgresException refused when ExplainState(refused, Where(dataSource)) is { } explained:
                    return explained;
                case PostgresException other:
                    return new DatabaseException(
                        "database-error", 500, $"PostgreSQL refused a statement (SQLSTATE {other.SqlState}): {other.MessageText}. The log has the whole error.", other);
                case NpgsqlException { InnerException: PostgresException }:
                    continue;
                case NpgsqlException or SocketException or ObjectDisposedException { ObjectName: "NpgsqlDataSource" }:
                    return Unreachable(e, Where(dataSource));
                default:
                    continue;
            }
        }

        return null;
    }

    private static DatabaseException? ExplainState(PostgresException e, string where)
    {
        switch (e.SqlState)
        {
            case PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification:
                return new DatabaseException(
                    "database-login-refused",
                    502,
                    $"{where} refused the user name or the password. Check them in ConnectionStrings:LexyHub or SUPABASE_DB_URL "
                        + "(in a URI the password is percent-encoded; at Supabase's pooler the user is postgres.<project>).",
                    e);
            // Supabase's pooler answers so where the user name does not hold the project.
            case PostgresErrorCodes.InternalError when e.MessageText.Contains("enant or user not found", StringComparison.Ordinal):
                return new DatabaseException(
                    "database-login-refused", 502, $"{where} does not know the project: at Supabase's pooler the user is postgres.<project>.", e);
            case PostgresErrorCodes.InvalidCatalogName:
                return new DatabaseException(
                    "database-missing", 502, $"{where} has no database of that name. Check the database in ConnectionStrings:LexyHub or SUPABASE_DB_URL.", e);
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
                return new DatabaseException(
                    "database-unreachable", 503, $"{where} has no connection left. Lower Database:MaxPoolSize, or use the pooler's address.", e);
            case { } state when state.StartsWith("57P", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal):
                return Unreachable(e, where);
            default:
                return null;
        }
    }

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
        var grant = match.Success
            ? match.Groups["kind"].Value switch
            {
                "schema" => $"grant usage, create on schema {match.Groups["name"].Value} to the jobs' role",
                "sequence" => $"grant usage on sequence {match.Groups["name"].Value} to the jobs' role",
                "function" => $"grant execute on function {match.Groups["name"].Value} to the jobs' role",
                "database" => $"grant create on database {match.Groups["name"].Value} to the jobs' role",
                "extension" => "have a superuser run `create extension vector`",
                _ => $"grant select, insert, update, delete on {match.Groups["name"].Value} to the jobs' role",
            }
            : "grant the jobs' role what the message names, or run as the owner of the tables";
        return $"The connected role lacks a right ({e.MessageText}): {grant}.";
    }

    private static bool IsAboutVector(PostgresException e) => e.MessageText.Contains("vector", StringComparison.Ordinal);

    private static string Where(NpgsqlDataSource? dataSource)
    {
        if (dataSource is null)
        {
            return "The database";
        }

        var connection = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        return $"The database {connection.Database} at {connection.Host}:{connection.Port}";
    }

    [GeneratedRegex("""(?:permission denied (?:for|to create)|must be owner of) (?<kind>[a-z]+)(?: "?(?<name>[^"]+)"?)?""")]
    private static partial Regex DeniedObject();
}
