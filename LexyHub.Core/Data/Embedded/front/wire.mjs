// PostgreSQL's wire protocol 3.0, as far as a front end in the middle needs it: where a message ends, and how to make one.
// Message types are https://www.postgresql.org/docs/current/protocol-message-formats.html

export const SSL_REQUEST = 80877103
export const GSSENC_REQUEST = 80877104
export const CANCEL_REQUEST = 80877102

/** A message of the given one-letter type; strings are written zero-terminated, numbers as bytes. */
export function message(type, ...parts) {
  const body = Buffer.concat(parts.map(toBuffer))
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const toBuffer = part =>
  typeof part === 'string' ? Buffer.from(part + '\0') : typeof part === 'number' ? Buffer.from([part]) : part

export const int32 = value => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const query = sql => message('Q', sql)
export const sync = message('S')

export const readyForQuery = status => message('Z', Buffer.from(status))

export const errorResponse = (severity, sqlState, text) =>
  message('E', `S${severity}`, `V${severity}`, `C${sqlState}`, `M${text}`, 0)

export const typeOf = bytes => String.fromCharCode(bytes[0])

/** The zero-terminated string at an offset, and the offset behind it. */
export function cString(bytes, offset) {
  const end = bytes.indexOf(0, offset)
  return [bytes.toString('utf8', offset, end), end + 1]
}

/** The messages of a complete reply of the backend. */
export function split(bytes) {
  const messages = []
  for (let offset = 0; offset + 5 <= bytes.length; ) {
    const length = 1 + bytes.readInt32BE(offset + 1)
    messages.push(bytes.subarray(offset, offset + length))
    offset += length
  }
  return messages
}

/** Parameters of a start-up packet (without its length and protocol number). */
export function startupParameters(packet) {
  const parameters = {}
  for (let offset = 8; packet[offset] !== 0 && offset < packet.length; ) {
    const [name, valueAt] = cString(packet, offset)
    const [value, next] = cString(packet, valueAt)
    parameters[name] = value
    offset = next
  }
  return parameters
}

// A longer length than any message PostgreSQL accepts means that this is no PostgreSQL client.
const MAX_MESSAGE = 0x3fffffff

/**
 * Reads whole packets from a socket. A packet of start-up has no type byte, every later one has.
 * Nothing is read ahead of what is asked for, so a busy session slows its client down by TCP itself.
 */
export class PacketReader {
  #chunks
  #pending = []
  #length = 0

  constructor(socket) {
    this.#chunks = socket[Symbol.asyncIterator]()
  }

  startup = () => this.#packet(4, head => head.readInt32BE(0))

  message = () => this.#packet(5, head => 1 + head.readInt32BE(1))

  /** @returns null at the end of the stream, even when it ends inside a packet. */
  async #packet(headLength, lengthOf) {
    if (!(await this.#fill(headLength))) return null
    const length = lengthOf(this.#joined())
    if (length < headLength || length > MAX_MESSAGE) throw new Error(`impossible message length ${length}`)
    if (!(await this.#fill(length))) return null
    const bytes = this.#joined()
    this.#pending = [bytes.subarray(length)]
    this.#length -= length
    return bytes.subarray(0, length)
  }

  async #fill(length) {
    while (this.#length < length) {
      const { value, done } = await this.#chunks.next()
      if (done) return false
      this.#pending.push(value)
      this.#length += value.length
    }
    return true
  }

  #joined() {
    if (this.#pending.length > 1) this.#pending = [Buffer.concat(this.#pending)]
    return this.#pending[0]
  }
}
