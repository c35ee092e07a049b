// COPY … FROM STDIN. PGlite takes its input as one piece and ends the session where that piece ends too early, so the data
// is gathered first and handed over together with the statement.
import { message, query, typeOf } from './wire.mjs'

/** May this SQL read from standard input? A false yes costs one savepoint, a false no the connection. */
export const readsStandardInput = sql => /\bcopy\b[^;]*\bfrom\s+stdin\b/i.test(sql)

const REFUSED = 'COPY FROM STDIN works only as a simple query on the embedded PostgreSQL'

/** Ends the COPY that an Execute may have begun; PostgreSQL ignores it where none has. */
export const failCopyInExtendedProtocol = message('f', REFUSED)

export async function copyIn(backend, session, statement, reader, write) {
  const opened = await backend.exclusively(session, () => probe(backend, statement))
  write(opened.reply)
  if (!opened.copying) return

  const input = []
  for (;;) {
    const bytes = await reader.message()
    if (bytes === null) return
    const type = typeOf(bytes)
    if (type === 'd') input.push(bytes)
    else if (type === 'c' || type === 'f') {
      input.push(bytes)
      break
    } else if (type === 'X') return
    else if (type !== 'H' && type !== 'S') {
      input.push(message('f', `unexpected message type 0x${bytes[0].toString(16)} during COPY from stdin`))
      break
    }
  }
  const { messages } = await backend.exclusively(session, () => backend.capture(Buffer.concat([statement, ...input])))
  // The client has had its CopyInResponse from the probe.
  write(Buffer.concat(messages.filter(reply => typeOf(reply) !== 'G')))
}

// Runs the statement with no data, for the CopyInResponse that tells the client the columns and the format; what it did is
// taken back. A statement that turns out to be no COPY, or a wrong one, has run for good, and its answer stands.
async function probe(backend, statement) {
  const inTransaction = backend.inTransaction
  if (inTransaction) await backend.capture(query('savepoint lexyhub_copy'))
  const { status, messages } = await backend.capture(Buffer.concat([statement, message('f', 'probe')]))
  const response = messages.find(reply => typeOf(reply) === 'G')
  if (response === undefined) {
    if (inTransaction && status === 'T') await backend.capture(query('release savepoint lexyhub_copy'))
    return { copying: false, reply: Buffer.concat(messages) }
  }
  if (inTransaction) await backend.capture(query('rollback to savepoint lexyhub_copy; release savepoint lexyhub_copy'))
  else if (backend.inTransaction) await backend.capture(query('rollback'))
  return { copying: true, reply: response }
}
