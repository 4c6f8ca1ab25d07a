import { basename } from 'node:path'
import type { ContentKind } from '../contract/content-kind'
import { LmzError } from '../contract/error'
import { classify, headLength } from './classify'
import { type OsPath, showOsPath } from './os-path'
import { readStable } from './stable-read'

/** A stretch of a file. */
export interface SampleRequest {
  readonly path: OsPath
  /** The file's size when it was walked. */
  readonly size: number
  readonly offset: number
  readonly length: number
}

/**
 * Reads stretches of files one behind the other into a buffer, and finds out what the files are. Stretches of files that cannot
 * be read, or that have another size by now, are left as they are: whoever packs the files will tell.
 * @param buffer has room for all of them
 * @returns the kind of each stretch's file; undefined for what was not read
 */
export async function readSamples(
  requests: readonly SampleRequest[],
  buffer: Uint8Array,
): Promise<(ContentKind | undefined)[]> {
  const kinds: (ContentKind | undefined)[] = []
  let start = 0
  for (const request of requests) {
    kinds.push(await readSample(request, buffer.subarray(start, start + request.length)))
    start += request.length
  }
  return kinds
}

async function readSample({ path, size, offset }: SampleRequest, target: Uint8Array): Promise<ContentKind | undefined> {
  try {
    const { result: head } = readStable(path, (stamp, readAt) => {
      if (stamp.size !== size) return undefined
      readAt(offset, target)
      const head = Buffer.alloc(Math.min(headLength, size))
      readAt(0, head)
      return head
    })
    return head === undefined ? undefined : await classify(head, basename(showOsPath(path)))
  } catch (thrown) {
    if (thrown instanceof LmzError) return undefined
    throw thrown
  }
}
