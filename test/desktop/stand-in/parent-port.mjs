/** What Electron's utility process has and a Node child has not: `process.parentPort`. */
import { EventEmitter } from 'node:events'

const port = new EventEmitter()
port.postMessage = (message) => process.send?.(message, undefined, undefined, () => undefined)
process.on('message', (data) => port.emit('message', { data, ports: [] }))
process.on('disconnect', () => process.exit())
process.parentPort = port
