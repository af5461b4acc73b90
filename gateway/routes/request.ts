import type { IncomingMessage } from 'node:http';
import { parsePosition } from '../../shared/position';
import { streamName } from '../config';
import type { AttachRequest } from '../delivery/attach';
import { badStreamName, RefusedError } from '../errors';

/** What a path asks for. */
export type Target = { readonly kind: 'health' } | StreamTarget;

/** A route of a stream. */
export interface StreamTarget {
  readonly kind: 'stream';
  readonly stream: string;
  readonly route: 'base' | 'ws' | 'sse' | 'poll' | 'snapshot';
}

/**
 * Reads a path.
 * @throws RefusedError `no-route`, `bad-stream`
 */
export function targetOf(path: string): Target {
  if (path === '/healthz') return { kind: 'health' };
  const match = /^\/v1\/([^/]+)(?:\/(ws|sse|poll|snapshot))?\/?$/.exec(path);
  const stream = match?.[1];
  if (match === null || stream === undefined) {
    throw new RefusedError({
      kind: 'no-route',
      message: 'There is nothing at this address.',
      fix: 'Use /v1/{stream}/ws, /sse, /poll or /snapshot.',
    });
  }
  if (!streamName.test(stream)) {
    throw badStreamName();
  }
  return { kind: 'stream', stream, route: (match[2] as 'ws' | 'sse' | 'poll' | 'snapshot' | undefined) ?? 'base' };
}

/**
 * Lets only these methods through.
 * @throws RefusedError `method`
 */
export function allow(request: IncomingMessage, ...methods: readonly string[]): void {
  if (methods.includes(request.method ?? '')) return;
  throw new RefusedError({
    kind: 'method',
    message: `${request.method} has no meaning here.`,
    fix: `Use ${methods.join(' or ')}.`,
    allow: methods.join(', '),
  });
}

/**
 * Reads where a client wants to begin. `lastEventId` (SSE) outranks `after`: a browser repeats the first address
 * for ever, the header is the newer one.
 * @throws RefusedError `bad-cursor`, `bad-parameter`
 */
export function attachRequestOf(query: URLSearchParams, lastEventId: string | undefined): AttachRequest {
  const fromHeader = lastEventId !== undefined && lastEventId !== '';
  const text = fromHeader ? lastEventId : (query.get('after') ?? '');
  const last = numberParameter(query, 'last', null, { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true });
  if (text === '') return { cursor: null, last };
  const cursor = parsePosition(text);
  if (cursor === null || !/^[A-Za-z0-9_-]{1,64}$/.test(cursor.epoch)) {
    throw new RefusedError({
      kind: 'bad-cursor',
      field: fromHeader ? 'Last-Event-ID' : 'after',
      message: `${JSON.stringify(text.slice(0, 100))} is not a cursor.`,
      fix: 'Send <epoch>:<seq>, or leave it out.',
    });
  }
  return { cursor, last: null };
}

/**
 * Reads a number; over `max` counts as `max`.
 * @throws RefusedError `bad-parameter`
 */
export function numberParameter<Absent extends number | null>(
  query: URLSearchParams,
  name: string,
  absent: Absent,
  { min, max, whole }: { readonly min: number; readonly max: number; readonly whole: boolean },
): number | Absent {
  const text = query.get(name);
  if (text === null || text === '') return absent;
  const shape = whole ? /^\d+$/ : /^\d+(\.\d+)?$/;
  const value = shape.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min)) {
    throw new RefusedError({
      kind: 'bad-parameter',
      field: name,
      message: `"${name}" is not a ${whole ? 'whole ' : ''}number of at least ${min}.`,
      fix: `Send a number from ${min} on.`,
    });
  }
  return Math.min(value, max);
}
