using LexyHub.Core.Data;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace LexyHub.Core.Tests.Data;

public sealed class DatabaseConnectionTests
{
    private const string Secret = "Sup3rSecretPart";

    private static NpgsqlConnectionStringBuilder Parse(string value) => DatabaseConnection.Parse(value, "SUPABASE_DB_URL");

    private static IConfiguration Configured(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => s.Value)).Build();

    [Theory]
    [InlineData("postgresql://user:pa%40ss@host:6543/db?sslmode=require", "user", "pa@ss", "host", 6543, "db", SslMode.Require)]
    [InlineData("postgres://user:pa%40ss@host:6543/db?sslmode=require", "user", "pa@ss", "host", 6543, "db", SslMode.Require)]
    [InlineData("  POSTGRESQL://user:p@host/db\n", "user", "p", "host", 5432, "db", SslMode.Prefer)]
    [InlineData("postgresql://postgres.abcd:a%3Ab%2Fc%3F%23%25+d;e@aws-0-eu.pooler.supabase.com:6543/postgres",
        "postgres.abcd", "a:b/c?#%+d;e", "aws-0-eu.pooler.supabase.com", 6543, "postgres", SslMode.Prefer)]
    [InlineData("postgresql://u:%C3%A9%20x@[::1]:5433/my%20db?sslmode=verify-full", "u", "é x", "::1", 5433, "my db", SslMode.VerifyFull)]
    [InlineData("postgresql://u@[2001:db8::7]/", "u", null, "2001:db8::7", 5432, "u", SslMode.Prefer)]
    [InlineData("postgresql://host/db?user=u&password=p%26q", "u", "p&q", "host", 5432, "db", SslMode.Prefer)]
    [InlineData("postgresql://u:p@h/db?pgbouncer=true&connection_limit=1&sslmode=disable", "u", "p", "h", 5432, "db", SslMode.Disable)]
    [InlineData("Host=host;Port=6543;Database=db;Username=user;Password=\"p;a@s's\";SSL Mode=Require",
        "user", "p;a@s's", "host", 6543, "db", SslMode.Require)]
    [InlineData("Server=host;User Id=user;Password=p", "user", "p", "host", 5432, null, SslMode.Prefer)]
    public void Parse_WellFormed_ReadsEveryPart(
        string value, string user, string? password, string host, int port, string? database, SslMode sslMode)
    {
        var parsed = Parse(value);

        Assert.Equal((user, password, host, port, database, sslMode), (parsed.Username, parsed.Password, parsed.Host, parsed.Port, parsed.Database, parsed.SslMode));
    }

    [Fact]
    public void Parse_ParametersOfLibpq_AreApplied()
    {
        var parsed = Parse("postgresql://u:p@h/db?application_name=mine&connect_timeout=7&sslrootcert=%2Fca.pem&options=-c%20a%3Db");

        Assert.Equal(("mine", 7, "/ca.pem", "-c a=b"), (parsed.ApplicationName, parsed.Timeout, parsed.RootCertificate, parsed.Options));
    }

    // Where the password is not encoded, every way in which it cuts the URI must be refused: an error would show the rest.
    [Theory]
    [InlineData($"postgresql://user:{Secret}@{Secret}@host/db")]
    [InlineData($"postgresql://user:12/{Secret}@host/db")]
    [InlineData($"postgresql://user:12?{Secret}@host/db")]
    [InlineData($"postgresql://user:12#{Secret}@host/db")]
    [InlineData($"postgresql://user:x@{Secret}/x@host/db")]
    [InlineData($"postgresql://user:{Secret}[@host/db#")]
    [InlineData($"postgresql://user:{Secret}@host:port/db")]
    [InlineData($"postgresql://user:{Secret}@host:99999999/db")]
    [InlineData($"postgresql://user:{Secret}@h1:5432,h2:5432/db")]
    [InlineData($"postgresql://user:{Secret}@/db")]
    [InlineData($"postgresql://user:{Secret}@host/db?sslmode=maybe")]
    [InlineData($"postgresql://user:{Secret}@host/db?connect_timeout=99999999999")]
    [InlineData($"postgresql://user:{Secret}@host/db?connect_timeout=soon")]
    [InlineData($"postgresql://user:x@host/db?unknown={Secret}")]
    [InlineData($"postgresql://user:x@host/db?{Secret}")]
    [InlineData($"Host=host;Username=u;Password={Secret};{Secret}@x")]
    [InlineData($"Host=host;Username=u;Password={Secret};{Secret}=x")]
    [InlineData($"Host=host;Password={Secret};Port=nine")]
    [InlineData($"Host=host;Password={Secret};Port=99999999999")]
    [InlineData($"Host=host;Password={Secret};SSL Mode=perhaps")]
    [InlineData($"Username=u;Password={Secret}")]
    [InlineData($"https://{Secret}@example.supabase.co")]
    [InlineData(Secret)]
    public void Parse_Malformed_SaysSoWithoutTheSecret(string value)
    {
        var problem = Assert.Throws<DatabaseException>(() => Parse(value));

        Assert.Equal(("database-connection-malformed", 500), (problem.Code, problem.StatusCode));
        Assert.Contains("SUPABASE_DB_URL", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Expected is", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, problem.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Read_BothConfigured_TakesTheConnectionString()
    {
        var both = Configured(("ConnectionStrings:LexyHub", "Host=first"), ("SUPABASE_DB_URL", "postgresql://u:p@second/db"));
        var blank = Configured(("ConnectionStrings:LexyHub", "  "), ("SUPABASE_DB_URL", "postgresql://u:p@second/db"));

        Assert.Equal("first", new NpgsqlConnectionStringBuilder(DatabaseConnection.Read(both, 8)).Host);
        Assert.Equal("second", new NpgsqlConnectionStringBuilder(DatabaseConnection.Read(blank, 8)).Host);
    }

    [Fact]
    public void Read_Any_IsFitForAPoolerInTransactionMode()
    {
        var connection = new NpgsqlConnectionStringBuilder(DatabaseConnection.Read(
            Configured(("SUPABASE_DB_URL", "Host=h;Max Auto Prepare=20;Multiplexing=true;No Reset On Close=false")), maxPoolSize: 6));

        Assert.Equal((0, true, false), (connection.MaxAutoPrepare, connection.NoResetOnClose, connection.Multiplexing));
        Assert.Equal(("lexyhub-jobs", 6), (connection.ApplicationName, connection.MaxPoolSize));
    }

    [Theory]
    [InlineData("Host=h;Maximum Pool Size=3;Application Name=mine")]
    [InlineData("Host=h;MaxPoolSize=3;ApplicationName=mine")]
    public void Read_PoolSizeAndNameGiven_KeepsThem(string value)
    {
        var connection = new NpgsqlConnectionStringBuilder(DatabaseConnection.Read(Configured(("ConnectionStrings:LexyHub", value)), maxPoolSize: 6));

        Assert.Equal(("mine", 3), (connection.ApplicationName, connection.MaxPoolSize));
    }

    [Fact]
    public void Read_Nothing_SaysWhatToSet()
    {
        var problem = Assert.Throws<DatabaseException>(() => DatabaseConnection.Read(Configured(), 8));

        Assert.Equal(("database-not-configured", 500), (problem.Code, problem.StatusCode));
        Assert.Contains("SUPABASE_DB_URL", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("REST", problem.Message, StringComparison.Ordinal);
        Assert.False(DatabaseConnection.IsConfigured(Configured()));
    }

    [Fact]
    public void Read_OnlySupabasesRestKeys_SaysWhichStringIsNeededAndWhereItIs()
    {
        var problem = Assert.Throws<DatabaseException>(() => DatabaseConnection.Read(
            Configured(("NEXT_PUBLIC_SUPABASE_URL", "https://abcd.supabase.co"), ("SUPABASE_SERVICE_ROLE_KEY", Secret)), 8));

        Assert.Equal("database-not-configured", problem.Code);
        foreach (var part in (string[])["pooler's PostgreSQL connection string", "Connect", "Transaction pooler", "SUPABASE_DB_URL"])
            Assert.Contains(part, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, problem.ToString(), StringComparison.Ordinal);
    }
}
