// PostgreSQL for programs on this machine: PGlite behind the wire protocol on loopback.
// The parent writes one line of JSON to standard input, {"dataDirectory": string or null, "port": number, "password": string
// or null}, and keeps it open for as long as the database is to run. One line of JSON comes back on standard output:
// {"port": number, "pid": number}, or {"error": string}.
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import readline from 'node:readline'
import { Backend } from './backend.mjs'
import { Session } from './session.mjs'
import { readTemplate } from './template.mjs'
import { watchParent } from './watchdog.mjs'

watchParent()
// Ctrl-C reaches the whole process group. The parent decides when the database goes: after the batch at hand.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
// Output of a parent that is gone.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const say = object => process.stdout.write(JSON.stringify(object) + '\n')

try {
  await start()
} catch (error) {
  say({ error: error?.message ?? String(error) })
  process.exitCode = 1
  setTimeout(() => process.exit(1), 100)
}

async function start() {
  const input = readline.createInterface({ input: process.stdin })
  const options = await new Promise((resolve, reject) => {
    input.once('line', line => resolve(JSON.parse(line)))
    input.once('close', () => reject(new Error('no configuration on standard input')))
  })
  const backend = await openBackend(options.dataDirectory)
  const front = { password: options.password, parameterStatus: Object.fromEntries(await backend.parameterStatus()) }

  const sockets = new Set()
  const server = net.createServer(socket => {
    sockets.add(socket.setNoDelay(true).on('error', () => {}).on('close', () => sockets.delete(socket)))
    void new Session(socket, backend, front).run()
  })
  await new Promise((resolve, reject) =>
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve))

  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    server.close()
    await backend.close()
    for (const socket of sockets) socket.destroy()
    process.exit(0)
  }
  input.once('close', stop)
  process.on('SIGTERM', stop)
  say({ port: server.address().port, pid: process.pid })
}

// A first start that was cut short leaves files that look like a database. Nothing was ever stored in it: make it anew.
async function openBackend(dataDirectory) {
  if (!dataDirectory) return Backend.open(null, readTemplate())
  const database = path.join(dataDirectory, 'postgres')
  const unfinished = path.join(dataDirectory, 'postgres.new')
  if (!fs.existsSync(unfinished) && fs.existsSync(path.join(database, 'PG_VERSION'))) return Backend.open(database, null)
  fs.writeFileSync(unfinished, '')
  fs.rmSync(database, { recursive: true, force: true })
  const backend = await Backend.open(database, readTemplate())
  fs.rmSync(unfinished)
  return backend
}
