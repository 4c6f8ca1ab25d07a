import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { LmzError, LmzErrorCode } from '../../contract/error'
import { contentPolicy } from '../window/page-policy'

/** Goes with every answer, whatever it is. No header lets another origin read it. */
export const protectingHeaders: OutgoingHttpHeaders = {
  'content-security-policy': contentPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

const statusByCode: Partial<Record<LmzErrorCode, number>> = {
  UnsafePath: 400,
  Usage: 400,
  NotFound: 404,
  Collision: 409,
  Limit: 413,
  NoSpace: 507,
}

export function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...protectingHeaders, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

export function answerError(response: ServerResponse, error: LmzError): void {
  response
    .writeHead(statusByCode[error.code] ?? 500, { ...protectingHeaders, 'content-type': 'application/json' })
    .end(JSON.stringify(error.toData()))
}
