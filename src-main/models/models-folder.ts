import { fileURLToPath } from 'node:url'

/** Where the models lie that lmz ships: a packaged shell says where it has put them; otherwise they are beside out/ or src-main/. */
export function modelsFolder(): string {
  return process.env['LMZ_MODELS'] ?? fileURLToPath(new URL('../../native-models', import.meta.url))
}
