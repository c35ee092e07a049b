// The one PGlite session behind all connections. It executes one unit (everything up to a Sync or a simple query) at a
// time, and while a transaction is open it belongs to the connection that opened it: the others wait their turn.
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { pgcrypto } from '@electric-sql/pglite/contrib/pgcrypto'
import { query, split, typeOf } from './wire.mjs'

const SETTINGS = [
  // The default of 64 MB makes an HNSW build spill after a few thousand vectors(3072).
  'maintenance_work_mem=256MB',
  'statement_timeout=0',
]

// Output comes in pieces of 8 KB; written one by one they would cost a system call each.
const WRITE_SIZE = 256 * 1024

export class Backend {
  #database
  #owner = null
  #busy = false
  #waiting = []
  #appliedSettings = ''

  /** @param dataDirectory null: in memory. @param template a database to begin a new one with; null makes it from nothing. */
  static async open(dataDirectory, template) {
    const backend = new Backend()
    backend.#database = await PGlite.create({
      dataDir: dataDirectory ?? 'memory://',
      loadDataDir: template ? new Blob([template]) : undefined,
      extensions: { vector, pgcrypto, pg_trgm },
      // On a directory every write is a write(2) before the commit is answered, so a commit outlives the process.
      relaxedDurability: false,
      startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap(setting => ['-c', setting])],
    })
    return backend
  }

  /** The files of this database as a tar, for open. */
  async template() {
    await this.#database.exec('checkpoint')
    return Buffer.from(await (await this.#database.dumpDataDir('none')).arrayBuffer())
  }

  /** The ParameterStatus messages of a start-up. */
  async parameterStatus() {
    const names = [
      'server_version', 'server_encoding', 'client_encoding', 'application_name', 'default_transaction_read_only',
      'in_hot_standby', 'is_superuser', 'session_authorization', 'DateStyle', 'IntervalStyle', 'TimeZone',
      'integer_datetimes', 'standard_conforming_strings', 'search_path',
    ]
    const { rows } = await this.#database.query(
      'select name, setting from pg_settings where name = any($1) or lower(name) = any($1)', [names])
    return rows.map(row => [row.name, row.setting])
  }

  /** Runs work(execute) when it is this session's turn. */
  async exclusively(session, work) {
    await this.#turn(session)
    try {
      if (this.#owner === null) await this.#applySettings(session)
      return await work()
    } finally {
      this.#owner = this.#database.isInTransaction() || session.unfinished ? session : null
      this.#busy = false
      this.#next()
    }
  }

  /** Sends bytes to PostgreSQL and its answer to write. @returns the status in the final ReadyForQuery, or null. */
  async execute(bytes, write) {
    let chunks = []
    let size = 0
    let tail = Buffer.alloc(0)
    const flush = () => {
      if (size === 0) return
      const output = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
      chunks = []
      size = 0
      tail = output.length >= 6 ? output.subarray(output.length - 6) : Buffer.concat([tail, output]).subarray(-6)
      write(output)
    }
    await this.#database.runExclusive(() =>
      this.#database.execProtocolRawStream(bytes, {
        onRawData: data => {
          // A copy: the view ends with the call, its memory is PostgreSQL's own.
          chunks.push(Buffer.from(data))
          size += data.length
          if (size >= WRITE_SIZE) flush()
        },
      }))
    flush()
    return tail.length === 6 && tail[0] === 0x5a && tail.readInt32BE(1) === 5 ? String.fromCharCode(tail[5]) : null
  }

  /** As execute, but returns the answer's messages. */
  async capture(bytes) {
    const output = []
    const status = await this.execute(bytes, piece => output.push(piece))
    return { status, messages: split(Buffer.concat(output)) }
  }

  get inTransaction() {
    return this.#database.isInTransaction()
  }

  /** Waits for the unit that runs, and closes with a checkpoint. */
  async close() {
    while (this.#busy) await new Promise(resolve => setTimeout(resolve, 5))
    this.#busy = true
    await this.#database.close()
  }

  // Settings that a connection asked for in its start-up packet (search_path, say) hold for the whole session, which all
  // connections share: they are put back whenever the turn passes to a connection with others.
  async #applySettings(session) {
    const settings = JSON.stringify(session.settings ?? {})
    if (settings === this.#appliedSettings || session.settings === undefined) return
    const literal = text => `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
    const reset = Object.keys(JSON.parse(this.#appliedSettings || '{}')).map(name => `reset "${name.replaceAll('"', '""')}"`)
    const set = Object.entries(session.settings).map(([name, value]) => `select set_config(${literal(name)}, E${literal(value)}, false)`)
    for (const sql of [...reset, ...set]) {
      const { messages } = await this.capture(query(sql))
      const error = messages.find(reply => typeOf(reply) === 'E')
      if (error) {
        this.#appliedSettings = ''
        throw new SettingRefused(error)
      }
    }
    this.#appliedSettings = settings
  }

  #turn(session) {
    return new Promise(resolve => {
      this.#waiting.push({ session, resolve })
      this.#next()
    })
  }

  #next() {
    if (this.#busy) return
    const index = this.#waiting.findIndex(({ session }) => this.#owner === null || this.#owner === session)
    if (index < 0) return
    this.#busy = true
    this.#waiting.splice(index, 1)[0].resolve()
  }
}

/** PostgreSQL's own ErrorResponse to a setting of a start-up packet. */
export class SettingRefused extends Error {
  constructor(reply) {
    super('a setting of the start-up packet was refused')
    this.reply = reply
  }
}
