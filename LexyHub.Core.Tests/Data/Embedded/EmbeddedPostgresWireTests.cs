using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace LexyHub.Core.Tests.Data.Embedded;

public sealed class EmbeddedPostgresWireTests(EmbeddedPostgresFixture postgres) : IClassFixture<EmbeddedPostgresFixture>
{
    [Fact]
    public async Task Connections_EightAtOnceWithLargeParameters_EachGetsItsOwnRows()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            await using var connection = await postgres.OpenAsync();
            for (var round = 0; round < 20; round++)
            {
                // Larger than one TCP segment, so that messages of several connections arrive interleaved.
                var sent = $"{worker}-{round}-{new string((char)('a' + worker), 20_000)}";
                Assert.Equal(sent, await connection.ScalarAsync<string>("select $1::text", sent));
            }
        }));
    }

    [Fact]
    public async Task PrepareAsync_SameNamesOnSeveralConnections_EachKeepsItsOwn()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async worker =>
        {
            await using var connection = await postgres.OpenAsync();
            // Npgsql names the first statement of every connection _p1.
            await using var command = new NpgsqlCommand($"select {worker} + $1", connection);
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer });
            await command.PrepareAsync();
            for (var round = 0; round < 20; round++)
            {
                command.Parameters[0].Value = round;
                Assert.Equal(worker + round, await command.ExecuteScalarAsync());
            }
        }));
    }

    [Theory]
    [InlineData("DISCARD ALL")]
    [InlineData("deallocate all;")]
    public async Task DiscardAll_StatementOfAnotherConnection_IsKept(string discard)
    {
        await using var keeper = await postgres.OpenAsync();
        await using var kept = new NpgsqlCommand("select 42", keeper);
        await kept.PrepareAsync();
        await using var discarder = await postgres.OpenAsync();

        await discarder.ExecuteAsync(discard);

        Assert.Equal(42, await kept.ExecuteScalarAsync());
        Assert.Equal("256MB", await keeper.ScalarAsync<string>("show maintenance_work_mem"));
    }

    [Fact]
    public async Task SearchPath_OfTheConnectionString_HoldsForItsConnectionOnly()
    {
        await using var plain = await postgres.OpenAsync();
        await plain.ExecuteAsync("create schema apart; create table apart.here (a int)");
        await using var apart = await postgres.OpenAsync("Search Path=apart");

        Assert.Equal(0L, await apart.ScalarAsync<long>("select count(*) from here"));
        Assert.Equal("42P01", (await Assert.ThrowsAsync<PostgresException>(
            () => plain.ScalarAsync<long>("select count(*) from here"))).SqlState);
        Assert.Equal(0L, await apart.ScalarAsync<long>("select count(*) from here"));
    }

    [Fact]
    public async Task BinaryCopy_InAndOut_GivesTheSameRows()
    {
        await using var connection = await postgres.OpenAsync();
        await connection.ExecuteAsync("create table copied (id int primary key, text text)");

        Assert.Equal(10_000UL, await ImportAsync(connection, "copied", Enumerable.Range(0, 10_000)));

        var read = new List<(int, string)>();
        await using (var export = await connection.BeginBinaryExportAsync("copy copied to stdout (format binary)"))
        {
            while (await export.StartRowAsync() >= 0)
                read.Add((await export.ReadAsync<int>(), await export.ReadAsync<string>()));
        }
        Assert.Equal(Enumerable.Range(0, 10_000).Select(id => (id, $"row {id}")), read.Order());
    }

    [Fact]
    public async Task BinaryCopy_InATransaction_IsRolledBackWithIt()
    {
        await using var connection = await postgres.OpenAsync();
        await connection.ExecuteAsync("create table copied_in_transaction (id int primary key, text text)");
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await ImportAsync(connection, "copied_in_transaction", [1, 2]);
            await ImportAsync(connection, "copied_in_transaction", [3]);
            Assert.Equal(3L, await connection.ScalarAsync<long>("select count(*) from copied_in_transaction"));
            await transaction.RollbackAsync();
        }

        Assert.Equal(0L, await connection.ScalarAsync<long>("select count(*) from copied_in_transaction"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BinaryCopy_DuplicateKey_FailsAndTheConnectionGoesOn(bool inTransaction)
    {
        await using var connection = await postgres.OpenAsync();
        await connection.ExecuteAsync("drop table if exists keyed; create table keyed (id int primary key, text text)");
        var transaction = inTransaction ? await connection.BeginTransactionAsync() : null;

        var error = await Assert.ThrowsAsync<PostgresException>(() => ImportAsync(connection, "keyed", [1, 1]));

        Assert.Equal(PostgresErrorCodes.UniqueViolation, error.SqlState);
        if (transaction is not null)
        {
            Assert.Equal(PostgresErrorCodes.InFailedSqlTransaction, (await Assert.ThrowsAsync<PostgresException>(
                () => connection.ScalarAsync<int>("select 1"))).SqlState);
            await transaction.RollbackAsync();
        }
        Assert.Equal(1UL, await ImportAsync(connection, "keyed", [1]));
    }

    [Fact]
    public async Task BinaryCopy_MissingTable_LeavesATransactionFailed()
    {
        await using var connection = await postgres.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        await Assert.ThrowsAsync<PostgresException>(() => ImportAsync(connection, "no_such_table", [1]));

        Assert.Equal(PostgresErrorCodes.InFailedSqlTransaction, (await Assert.ThrowsAsync<PostgresException>(
            () => connection.ScalarAsync<int>("select 1"))).SqlState);
    }

    [Fact]
    public async Task TextCopy_NotCompleted_WritesNothing()
    {
        await using var connection = await postgres.OpenAsync();
        await connection.ExecuteAsync("create table typed (line text)");
        await using (var writer = await connection.BeginTextImportAsync("copy typed from stdin"))
            await writer.WriteAsync("one\ntwo\n");
        var import = await connection.BeginBinaryImportAsync("copy typed from stdin (format binary)");
        await import.StartRowAsync();
        await import.WriteAsync("never");

        await import.DisposeAsync();

        Assert.Equal(2L, await connection.ScalarAsync<long>("select count(*) from typed"));
    }

    [Fact]
    public async Task Copy_WordsInAStringWithinATransaction_AreNoCopy()
    {
        await using var connection = await postgres.OpenAsync();
        await connection.ExecuteAsync("create table said (what text)");
        await using var transaction = await connection.BeginTransactionAsync();

        await connection.ExecuteAsync("insert into said values ('copy said from stdin')");
        await transaction.CommitAsync();

        Assert.Equal(1L, await connection.ScalarAsync<long>("select count(*) from said"));
    }

    [Fact]
    public async Task Transaction_OnOneConnection_MakesTheOthersWait()
    {
        await using var first = await postgres.OpenAsync();
        await using var second = await postgres.OpenAsync();
        await first.ExecuteAsync("create table waited (a int)");
        await using var transaction = await first.BeginTransactionAsync();
        await first.ExecuteAsync("insert into waited values (1)");

        var waiting = second.ScalarAsync<long>("select count(*) from waited");
        // Answered only after the server has the other's question, which was sent before it.
        await first.ScalarAsync<int>("select 1");
        await first.ExecuteAsync("insert into waited values (2)");
        Assert.False(waiting.IsCompleted);
        await transaction.CommitAsync();

        Assert.Equal(2L, await waiting);
    }

    [Fact]
    public async Task Query_LargeResultNotRead_LetsTheOthersGoOn()
    {
        await using var slow = await postgres.OpenAsync();
        await using var other = await postgres.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select n, repeat('x', 1000) from generate_series(1, 60000) n", slow);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());

        Assert.Equal(1, await other.ScalarAsync<int>("select 1"));

        var rows = 1;
        while (await reader.ReadAsync())
        {
            Assert.Equal(1000, reader.GetString(1).Length);
            rows++;
        }
        Assert.Equal(60_000, rows);
    }

    [Fact]
    public async Task Batch_WithAnErrorInIt_FailsAsAWholeAndTheConnectionGoesOn()
    {
        await using var connection = await postgres.OpenAsync();
        await connection.ExecuteAsync("create table batched (a int)");
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("insert into batched values (1)"), new("select 1 / 0"), new("insert into batched values (2)") },
        };

        var error = await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.DivisionByZero, error.SqlState);
        Assert.Equal(0L, await connection.ScalarAsync<long>("select count(*) from batched"));
    }

    [Fact]
    public async Task Client_GoneWithinATransaction_IsRolledBackAndTheOthersGoOn()
    {
        await using var other = await postgres.OpenAsync();
        await other.ExecuteAsync("create table left_behind (a int)");
        var (wire, _) = await WireClient.LogInAsync(postgres.Port, postgres.Password);
        await wire.SendAsync('Q', "begin; insert into left_behind values (1)\0");
        Assert.Equal("CCZT", await wire.ReadToReadyAsync());

        wire.Abort();

        Assert.Equal(0L, await other.ScalarAsync<long>("select count(*) from left_behind"));
    }

    [Fact]
    public async Task Client_GoneWithinACopy_WritesNothing()
    {
        await using var other = await postgres.OpenAsync();
        await other.ExecuteAsync("create table half_copied (a int)");
        var (wire, _) = await WireClient.LogInAsync(postgres.Port, postgres.Password);
        await wire.SendAsync('Q', "copy half_copied from stdin\0");
        Assert.Equal('G', (await wire.ReadAsync()).Type);
        await wire.SendAsync('d', "1\n");

        wire.Abort();

        Assert.Equal(0L, await other.ScalarAsync<long>("select count(*) from half_copied"));
    }

    [Fact]
    public async Task Flush_BeforeSync_AnswersAndKeepsTheOthersOut()
    {
        var (wire, _) = await WireClient.LogInAsync(postgres.Port, postgres.Password);
        using var _1 = wire;
        await using var other = await postgres.OpenAsync();
        await wire.SendAsync('P', "\0select 1\0\0\0");
        await wire.SendAsync('H');
        Assert.Equal('1', (await wire.ReadAsync()).Type);

        // Would replace the unnamed statement that was parsed.
        var waiting = other.ScalarAsync<string>("select $1::text", "other");
        await wire.SendAsync('B', "\0\0\0\0\0\0\0\0");
        await wire.SendAsync('E', "\0\0\0\0\0");
        await wire.SendAsync('S');

        Assert.Equal("2DCZI", await wire.ReadToReadyAsync());
        Assert.Equal("other", await waiting);
    }

    [Fact]
    public async Task Copy_ThroughTheExtendedProtocol_IsRefusedAndTheConnectionGoesOn()
    {
        await using var other = await postgres.OpenAsync();
        await other.ExecuteAsync("create table extended (a int)");
        var (wire, _) = await WireClient.LogInAsync(postgres.Port, postgres.Password);
        using var _1 = wire;
        await wire.SendAsync('P', "\0copy extended from stdin\0\0\0");
        await wire.SendAsync('B', "\0\0\0\0\0\0\0\0");
        await wire.SendAsync('E', "\0\0\0\0\0");
        await wire.SendAsync('S');
        await wire.SendAsync('c');

        Assert.Equal("12GEZI", await wire.ReadToReadyAsync());
        await wire.SendAsync('Q', "select 1\0");
        Assert.Equal("TDCZI", await wire.ReadToReadyAsync());
    }

    [Fact]
    public async Task StartUp_EncryptionAskedFor_IsAnsweredWithNo()
    {
        using var wire = await WireClient.ConnectAsync(postgres.Port);
        await wire.SendStartUpAsync(80877103);
        Assert.Equal('N', await wire.ReadByteAsync());
        await wire.SendStartUpAsync(80877104);
        Assert.Equal('N', await wire.ReadByteAsync());
    }

    [Fact]
    public async Task StartUp_CancelRequest_IsIgnored()
    {
        using var wire = await WireClient.ConnectAsync(postgres.Port);
        await wire.SendStartUpAsync(80877102, "12345678");
        Assert.Equal(-1, await wire.ReadByteAsync());
    }

    [Fact]
    public async Task StartUp_WrongPassword_IsRefused()
    {
        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "wrong" }.ConnectionString;

        var error = await Assert.ThrowsAsync<PostgresException>(() => Sql.OpenAsync(wrong));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, error.SqlState);
    }

    [Fact]
    public async Task StartUp_NoPostgresClient_IsSentAway()
    {
        using var wire = await WireClient.ConnectAsync(postgres.Port);
        await wire.SendAsync('G', "ET / HTTP/1.1\r\n\r\n");
        Assert.NotEqual('N', await wire.ReadByteAsync());

        await using var other = await postgres.OpenAsync();
        Assert.Equal(1, await other.ScalarAsync<int>("select 1"));
    }

    [Fact]
    public async Task Vector_Of3072Dimensions_IsWrittenAndFound()
    {
        var builder = new NpgsqlDataSourceBuilder(postgres.ConnectionString);
        builder.UseVector();
        await using var dataSource = builder.Build();
        await using var connection = await dataSource.OpenConnectionAsync();
        await connection.ExecuteAsync("create table vectors (id int, embedding vector(3072))");
        var axes = Enumerable.Range(0, 3).Select(axis => new Vector(
            Enumerable.Range(0, 3072).Select(i => i == axis ? 1f : 0.001f).ToArray())).ToArray();
        await using (var import = await connection.BeginBinaryImportAsync("copy vectors from stdin (format binary)"))
        {
            foreach (var (id, axis) in axes.Index())
            {
                await import.StartRowAsync();
                await import.WriteAsync(id);
                await import.WriteAsync(axis);
            }
            await import.CompleteAsync();
        }

        Assert.Equal(1, await connection.ScalarAsync<int>(
            "select id from vectors order by embedding <=> $1 limit 1", axes[1]));
        Assert.Equal(axes[2], await connection.ScalarAsync<Vector>("select embedding from vectors where id = 2"));
    }

    private static async Task<ulong> ImportAsync(NpgsqlConnection connection, string table, IEnumerable<int> ids)
    {
        await using var import = await connection.BeginBinaryImportAsync($"copy {table} (id, text) from stdin (format binary)");
        foreach (var id in ids)
        {
            await import.StartRowAsync();
            await import.WriteAsync(id, NpgsqlDbType.Integer);
            await import.WriteAsync($"row {id}", NpgsqlDbType.Text);
        }
        return await import.CompleteAsync();
    }
}
