using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace LexyHub.Core.Data;

/// <summary>Reads the connection to LexyHub's database from configuration, in either of its two spellings.</summary>
public static class DatabaseConnection
{
    private const string ApplicationName = "lexyhub-jobs";
    private const int CommandTimeoutSeconds = 180;
    private const int BufferBytes = 128 * 1024;

    // Parameters of a URI that other drivers read and that mean nothing here.
    private static readonly HashSet<string> Ignored = new(StringComparer.OrdinalIgnoreCase)
    {
        "pgbouncer", "connection_limit", "pool_timeout", "schema", "supa", "workaround", "gssencmode", "channel_binding",
        "prepareThreshold", "prepared_statements", "statement_cache_size",
    };

    /// <summary>True where a connection is configured, well-formed or not.</summary>
    public static bool IsConfigured(IConfiguration configuration) => Find(configuration) is not null;

    /// <summary>The Npgsql connection string, made fit for a pooler in transaction mode.</summary>
    /// <param name="configuration">Read: <c>ConnectionStrings:LexyHub</c>, then <c>SUPABASE_DB_URL</c>.</param>
    /// <param name="maxPoolSize">Used where the connection does not name one.</param>
    /// <exception cref="DatabaseException">None is configured, or it is malformed.</exception>
    public static string Read(IConfiguration configuration, int maxPoolSize)
    {
        if (Find(configuration) is not { } found)
        {
            throw NotConfigured(configuration);
        }

        var builder = Parse(found.Value, found.Key);

        // A pooler in transaction mode keeps nothing of a session: no prepared statements, nothing to reset.
        builder.MaxAutoPrepare = 0;
        builder.NoResetOnClose = true;
        builder.Multiplexing = false;
        if (string.IsNullOrEmpty(builder.ApplicationName))
        {
            builder.ApplicationName = ApplicationName;
        }

        // ContainsKey is true of every keyword that Npgsql knows.
        if (!builder.Keys.Any(keyword => keyword == "Maximum Pool Size"))
        {
            builder.MaxPoolSize = maxPoolSize;
        }

        // Statements of a batch, or of a daily comparison over millions of rows, may outlast Npgsql's 30 s.
        if (!builder.Keys.Any(keyword => keyword == "Command Timeout"))
        {
            builder.CommandTimeout = CommandTimeoutSeconds;
        }

        // A batch is megabytes of parameters; Npgsql's 8 KiB would send them in a thousand pieces.
        builder.ReadBufferSize = Math.Max(builder.ReadBufferSize, BufferBytes);
        builder.WriteBufferSize = Math.Max(builder.WriteBufferSize, BufferBytes);

        return builder.ConnectionString;
    }

    /// <summary>Parses an Npgsql keyword string or a <c>postgresql://</c> URI.</summary>
    /// <param name="value">The string. Never repeated in an error: a malformed one may hold its password anywhere.</param>
    /// <param name="settingName">Where it came from, for the error.</param>
    /// <exception cref="DatabaseException">It is malformed.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string value, string settingName)
    {
        value = value.Trim();
        var isUri = value.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase)
            || value.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);
        try
        {
            var builder = isUri ? ParseUri(value, settingName) : new NpgsqlConnectionStringBuilder(value);
            return string.IsNullOrWhiteSpace(builder.Host)
                ? throw Malformed(settingName, "it names no host")
                : builder;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or KeyNotFoundException or DbException)
        {
            // The driver's own text is left out: it repeats a part of the string, which may be a part of the password.
            throw Malformed(settingName, isUri ? "a part of the URI has no valid value" : "a keyword or a value is not one that Npgsql knows");
        }
    }

    private static NpgsqlConnectionStringBuilder ParseUri(string value, string settingName)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || IsCutApart(value, uri))
        {
            throw Malformed(settingName, "it is no valid URI (characters such as @ : / # ? % in the password must be percent-encoded, @ as %40)");
        }

        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host.Trim('[', ']'),
            Port = uri.Port > 0 ? uri.Port : 5432,
        };
        if (uri.UserInfo.Length > 0)
        {
            var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
            builder.Username = Uri.UnescapeDataString(colon < 0 ? uri.UserInfo : uri.UserInfo[..colon]);
            if (colon >= 0)
            {
                builder.Password = Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]);
            }
        }

        var database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        builder.Database = database.Length > 0 ? database : builder.Username;
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]);
            Apply(builder, name, equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]), settingName);
        }

        return builder;
    }

    // A / ? # or @ in the password that is not encoded makes a valid URI of another meaning: errors would show
    // the rest of the password as host, port or database.
    private static bool IsCutApart(string value, Uri uri)
    {
        var at = value.IndexOf('@', StringComparison.Ordinal);
        return uri.Fragment.Length > 0 || (at >= 0 && (uri.UserInfo.Length == 0 || value.LastIndexOf('@') != at));
    }

    // The names are libpq's.
    private static void Apply(NpgsqlConnectionStringBuilder builder, string name, string value, string settingName)
    {
        switch (name.ToLowerInvariant())
        {
            case "sslmode":
                builder.SslMode = value.ToLowerInvariant() switch
                {
                    "disable" => SslMode.Disable,
                    "allow" => SslMode.Allow,
                    "prefer" => SslMode.Prefer,
                    "require" or "no-verify" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => throw Malformed(settingName, "its sslmode is none of disable, allow, prefer, require, verify-ca, verify-full"),
                };
                break;
            case "user":
                builder.Username = value;
                break;
            case "password":
                builder.Password = value;
                break;
            case "sslrootcert":
                builder.RootCertificate = value;
                break;
            case "application_name":
                builder.ApplicationName = value;
                break;
            case "connect_timeout":
                builder.Timeout = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case "options":
                builder.Options = value;
                break;
            case var other when Ignored.Contains(other):
                break;
            default:
                throw Malformed(settingName, "it has a query parameter other than user, password, sslmode, sslrootcert, application_name, connect_timeout, options");
        }
    }

    private static (string Key, string Value)? Find(IConfiguration configuration)
    {
        foreach (var key in (string[])["ConnectionStrings:LexyHub", "SUPABASE_DB_URL"])
        {
            if (configuration[key] is { } value && !string.IsNullOrWhiteSpace(value))
            {
                return (key, value);
            }
        }

        return null;
    }

    private static DatabaseException NotConfigured(IConfiguration configuration)
    {
        const string HowTo = "Set ConnectionStrings:LexyHub (in the environment ConnectionStrings__LexyHub) or SUPABASE_DB_URL "
            + "to an Npgsql connection string or a postgresql:// URI.";
        var onlyRest = !string.IsNullOrWhiteSpace(configuration["NEXT_PUBLIC_SUPABASE_URL"])
            || !string.IsNullOrWhiteSpace(configuration["SUPABASE_SERVICE_ROLE_KEY"]);
        return new DatabaseException(
            "database-not-configured",
            500,
            onlyRest
                ? "NEXT_PUBLIC_SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY reach Supabase's REST interface; the jobs need the "
                    + "pooler's PostgreSQL connection string. Supabase shows it under Connect (top of the project's dashboard), "
                    + "Connection string, Transaction pooler. " + HowTo
                : "No database is configured. " + HowTo);
    }

    private static DatabaseException Malformed(string settingName, string why)
        => new(
            "database-connection-malformed",
            500,
            $"The connection string in {settingName} cannot be read: {why}. Expected is "
                + "\"Host=…;Port=…;Database=…;Username=…;Password=…\" or \"postgresql://user:password@host:6543/database?sslmode=require\".");
}
