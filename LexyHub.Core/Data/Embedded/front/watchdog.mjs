// Ends the process when its parent is gone. A thread of its own, because a long statement keeps the main thread from
// noticing that its standard input was closed; what was committed is safe whenever the process ends.
import { Worker } from 'node:worker_threads'

const GRACE_MS = 3000

export function watchParent() {
  const source = `
    const parent = ${process.ppid}
    const gone = () => {
      if (process.platform !== 'win32') return process.ppid !== parent
      try { process.kill(parent, 0); return false } catch (error) { return error.code === 'ESRCH' }
    }
    setInterval(() => { if (gone()) setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${GRACE_MS}) }, 500)`
  new Worker(source, { eval: true }).unref()
}
