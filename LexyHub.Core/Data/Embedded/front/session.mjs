// One client connection: start-up, then units of messages, until it ends.
import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { SettingRefused } from './backend.mjs'
import { copyIn, failCopyInExtendedProtocol, readsStandardInput } from './copy.mjs'
import {
  CANCEL_REQUEST, GSSENC_REQUEST, SSL_REQUEST,
  cString, errorResponse, int32, message, PacketReader, query, readyForQuery, startupParameters, sync, typeOf,
} from './wire.mjs'

let lastId = 0

// Start-up parameters that are no settings.
const NO_SETTING = /^(user|database|replication|options|client_encoding|application_name|_pq_\..*)$/i

// All connections share one session, where these would forget the other connections' statements too.
const forgetsStatements = sql => /^\s*(discard|deallocate)\s+all\s*;?\s*$/i.test(sql)
const FORGET_NOTHING = 'discard plans'

const closing = statements => Buffer.concat([...statements.map(name => message('C', 0x53, name)), sync])

export class Session {
  #socket
  #reader
  #backend
  #front
  #id = ++lastId
  #unit = []
  #unitCopiesIn = false
  #statements = new Set()
  #forgotten = []

  /** Settings of the start-up packet, by name. */
  settings

  /** True between a Flush and the Sync that ends its unit. */
  unfinished = false

  constructor(socket, backend, front) {
    this.#socket = socket
    this.#reader = new PacketReader(socket)
    this.#backend = backend
    this.#front = front
  }

  /** Serves until the client leaves; never throws. */
  async run() {
    try {
      if (await this.#startUp()) await this.#serve()
    } catch (error) {
      if (error instanceof SettingRefused) this.#write(error.reply)
      else if (!isDisconnect(error)) {
        console.error(`connection ${this.#id}: ${error?.stack ?? error}`)
        this.#write(errorResponse('FATAL', 'XX000', `embedded PostgreSQL: ${error?.message ?? error}`))
      }
    } finally {
      this.#socket.end()
      await this.#cleanUp().catch(error => console.error(`connection ${this.#id}, cleaning up: ${error?.stack ?? error}`))
    }
  }

  async #startUp() {
    for (;;) {
      const packet = await this.#reader.startup()
      if (packet === null || packet.length < 8) return false
      const code = packet.readInt32BE(4)
      if (code === SSL_REQUEST || code === GSSENC_REQUEST) {
        this.#write(Buffer.from('N'))
        continue
      }
      // One session and one thread: what runs cannot be cancelled.
      if (code === CANCEL_REQUEST) return false
      if (code >> 16 !== 3) {
        this.#write(errorResponse('FATAL', '0A000', `unsupported protocol ${code >> 16}.${code & 0xffff}`))
        return false
      }
      const parameters = startupParameters(packet)
      this.settings = Object.fromEntries(Object.entries(parameters).filter(([name]) => !NO_SETTING.test(name)))
      if (!(await this.#authenticate())) return false
      const status = { ...this.#front.parameterStatus, application_name: parameters.application_name ?? '' }
      this.#write(Buffer.concat([
        message('R', int32(0)),
        ...Object.entries(status).map(([name, value]) => message('S', name, value)),
        message('K', int32(this.#id), int32(0)),
        readyForQuery('I'),
      ]))
      return true
    }
  }

  async #authenticate() {
    if (!this.#front.password) return true
    this.#write(message('R', int32(3)))
    const reply = await this.#reader.message()
    if (reply === null) return false
    const hash = text => createHash('sha256').update(text).digest()
    if (typeOf(reply) === 'p' && timingSafeEqual(hash(cString(reply, 5)[0]), hash(this.#front.password))) return true
    this.#write(errorResponse('FATAL', '28P01', 'password authentication failed'))
    return false
  }

  async #serve() {
    for (;;) {
      const bytes = await this.#reader.message()
      if (bytes === null) return
      switch (typeOf(bytes)) {
        case 'X':
          return
        case 'Q':
          await this.#simpleQuery(bytes)
          break
        case 'S':
        case 'F':
          await this.#runUnit(bytes)
          break
        case 'H':
          await this.#flush(bytes)
          break
        case 'd':
        case 'c':
        case 'f':
          break // What is left of a COPY that failed; PostgreSQL ignores it as well.
        default:
          this.#unit.push(...this.#rename(bytes))
      }
      // A client that does not read its answers gets no more of them.
      if (this.#socket.writableNeedDrain && !this.#socket.destroyed) await this.#drained()
    }
  }

  async #drained() {
    const done = new AbortController()
    const { signal } = done
    await Promise.race(['drain', 'close'].map(event => once(this.#socket, event, { signal }))).finally(() => done.abort())
  }

  async #simpleQuery(bytes) {
    const [sql] = cString(bytes, 5)
    if (forgetsStatements(sql)) {
      this.#forgetStatements()
      await this.#runUnit(query(FORGET_NOTHING))
    } else if (readsStandardInput(sql)) {
      await copyIn(this.#backend, this, bytes, this.#reader, reply => this.#write(reply))
    } else {
      await this.#runUnit(bytes)
    }
  }

  async #runUnit(last) {
    const bytes = this.#unit.length === 0 ? last : Buffer.concat([...this.#unit, last])
    this.#unit = []
    this.#unitCopiesIn = false
    const forgotten = this.#forgotten.splice(0)
    const status = await this.#backend.exclusively(this, async () => {
      if (forgotten.length > 0) await this.#backend.capture(closing(forgotten))
      this.unfinished = false
      return this.#backend.execute(bytes, reply => this.#write(reply))
    })
    if (status === null) throw new Error('PostgreSQL gave no complete answer')
  }

  // The answer so far, before the unit is complete: until its Sync the session may not change hands.
  async #flush(bytes) {
    if (this.#unit.length === 0) return
    const unit = Buffer.concat([...this.#unit, bytes])
    this.#unit = []
    await this.#backend.exclusively(this, () => {
      this.unfinished = true
      return this.#backend.execute(unit, reply => this.#write(reply))
    })
  }

  // The connection's own statements go, with the unit in which it asks for that.
  #forgetStatements() {
    this.#forgotten.push(...this.#statements)
    this.#statements.clear()
  }

  async #cleanUp() {
    if (this.settings === undefined) return
    this.settings = undefined // What is rolled back needs none.
    this.#forgetStatements()
    await this.#backend.exclusively(this, async () => {
      if (this.unfinished) await this.#backend.capture(sync)
      this.unfinished = false
      if (this.#backend.inTransaction) await this.#backend.capture(query('ROLLBACK'))
      if (this.#forgotten.length > 0) await this.#backend.capture(closing(this.#forgotten))
    })
  }

  /** The messages that stand for one message of the client: its names become this connection's own. */
  #rename(bytes) {
    switch (typeOf(bytes)) {
      case 'P': {
        const [name, sqlAt] = cString(bytes, 5)
        const [sql, typesAt] = cString(bytes, sqlAt)
        const own = this.#own(name)
        this.#unitCopiesIn ||= readsStandardInput(sql)
        const forgets = forgetsStatements(sql)
        if (forgets) this.#forgetStatements()
        if (own !== '') this.#statements.add(own)
        return [message('P', own, forgets ? FORGET_NOTHING : sql, bytes.subarray(typesAt))]
      }
      case 'B': {
        const [portal, nameAt] = cString(bytes, 5)
        const [name, restAt] = cString(bytes, nameAt)
        return [message('B', this.#own(portal), this.#own(name), bytes.subarray(restAt))]
      }
      case 'D':
      case 'C': {
        const [name] = cString(bytes, 6)
        return [message(typeOf(bytes), bytes[5], this.#own(name))]
      }
      case 'E': {
        const [portal, rowsAt] = cString(bytes, 5)
        const execute = message('E', this.#own(portal), bytes.subarray(rowsAt))
        return this.#unitCopiesIn ? [execute, failCopyInExtendedProtocol] : [execute]
      }
      default:
        return [bytes]
    }
  }

  #own(name) {
    if (name === '') return name
    const own = `c${this.#id}_${name}`
    // PostgreSQL cuts names at 63 bytes.
    return Buffer.byteLength(own) < 64 ? own : `c${this.#id}_${createHash('sha1').update(name).digest('hex')}`
  }

  #write(bytes) {
    if (this.#socket.writable) this.#socket.write(bytes)
  }
}

const isDisconnect = error =>
  ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(error?.code)
