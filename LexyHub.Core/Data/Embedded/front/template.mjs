// A database ready to be copied: initdb takes PGlite four seconds, the copy half a second. Run once, after the install.
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Backend } from './backend.mjs'

const FILE = fileURLToPath(new URL('template.tar', import.meta.url))

export const readTemplate = () => fs.readFileSync(FILE)

if (process.argv[2] === 'make') {
  const backend = await Backend.open(null, null)
  fs.writeFileSync(FILE, await backend.template())
  await backend.close()
  process.exit(0)
}
