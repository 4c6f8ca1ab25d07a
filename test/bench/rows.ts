import { fork } from 'node:child_process'
import { resolve } from 'node:path'

/*
 * node test/bench/rows.ts <archive>...
 *
 * Asks the built engine, in a process of its own as a window has it, for rows of large archives, and prints how long each call took,
 * cold and again, and for how long the engine's thread was busy at a stretch: what a progress event of a job could be late.
 * Archives of any size come from test/support/large-archive.ts.
 */

interface Rows {
  readonly rows: readonly { readonly id: number; readonly items?: number }[]
}

type Call = (name: string, ...args: unknown[]) => Promise<unknown>

for (const archive of process.argv.slice(2)) {
  console.log(`\n${archive}`)
  await measure(resolve(archive))
}

async function measure(archive: string): Promise<void> {
  const child = fork(resolve(import.meta.dirname, '../../out/main/engine.js'), { serialization: 'advanced' })
  const waiting = new Map<string, (value: unknown) => void>()
  child.on('message', (message: { t: string; i?: string; r?: unknown }) => {
    if (message.i !== undefined) waiting.get(message.i)?.(message.r)
  })
  let next = 0
  const call: Call = (name, ...args) =>
    new Promise((done, fail) => {
      const id = String(++next)
      waiting.set(id, (answer) => {
        waiting.delete(id)
        const { value, error } = answer as { value?: unknown; error?: { message: string } }
        if (error === undefined) done(value)
        else fail(new Error(error.message))
      })
      child.send({ t: 'q', m: name, a: args, i: id })
    })
  await call('jobs')
  let longest = 0
  const timed = async <Value>(label: string, ...[name, ...args]: Parameters<Call>): Promise<Value> => {
    const start = performance.now()
    const value = (await call(name, ...args)) as Value
    console.log(`${label.padEnd(44)} ${(performance.now() - start).toFixed(1).padStart(8)} ms`)
    return value
  }
  const { handle } = await timed<{ handle: number }>('open', 'openArchive', archive)
  // A call that costs nothing, over and over: as long as it waits, the engine's thread was busy.
  const state = { isOver: false }
  const probe = (async () => {
    while (!state.isOver) {
      const start = performance.now()
      await call('jobs')
      longest = Math.max(longest, performance.now() - start)
      await new Promise((done) => setTimeout(done, 2))
    }
  })()
  const page = { offset: 0, limit: 100 }
  const byName = { column: 'name', descending: false }
  await timed('first rows of the top level', 'list', handle, 0, byName, page)
  await timed('again', 'list', handle, 0, byName, page)
  const { rows } = await timed<Rows>('once more', 'list', handle, 0, byName, page)
  await timed('shares (all sizes are known then)', 'shares', handle, 0, 2000)
  // What a person takes to look at the first rows.
  await new Promise((done) => setTimeout(done, 300))
  await timed('shares again', 'shares', handle, 0, 2000)
  const largest = (among: Rows['rows']): number =>
    among.toSorted((one, other) => (other.items ?? 0) - (one.items ?? 0))[0]?.id ?? 0
  const folder = largest(rows)
  const inside = (await call('list', handle, folder, byName, page)) as Rows
  for (const directory of [0, folder, largest(inside.rows)]) {
    for (const column of ['name', 'size', 'stored', 'bits', 'kind', 'modified']) {
      const order = { column, descending: true }
      await timed(`list ${directory} by ${column}, descending`, 'list', handle, directory, order, page)
    }
  }
  for (const text of ['r', 're', 'rep', 'report', 'report 12', 'final.ts', 'x', 'folder-3/report', '']) {
    await timed(`find "${text}"`, 'find', handle, 0, text, null, page)
  }
  await timed('find "re" by size', 'find', handle, 0, 're', { column: 'size', descending: true }, page)
  await timed(
    'its next page',
    'find',
    handle,
    0,
    're',
    { column: 'size', descending: true },
    { offset: 100, limit: 100 },
  )
  state.isOver = true
  await probe
  console.log(`${'longest wait of a call beside them'.padEnd(44)} ${longest.toFixed(1).padStart(8)} ms`)
  child.kill()
}
