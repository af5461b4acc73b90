import type { IncomingMessage, ServerResponse } from 'node:http';
import { RefusedError } from '../errors';
import { draftOf, parseJson } from '../publication';
import type { RouteContext } from './context';
import { sendJson } from './snapshot';

/** The refusal of a body or frame over the limit. */
export function tooLarge(limit: number): RefusedError {
  return new RefusedError({
    kind: 'too-large',
    message: `The body is over ${limit} bytes.`,
    fix: 'Send less, or split it into several events.',
  });
}

/**
 * Reads a body.
 * @throws RefusedError `too-large`
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The epoch that `If-Match: "…"` names (RFC 9110 §13.1.1); null without one, or where any will do.
 * @throws RefusedError `bad-parameter`
 */
function epochIn(header: string | undefined): string | null {
  if (header === undefined || header === '*') return null;
  const [, epoch] = /^"([\x21\x23-\x7e]+)"$/.exec(header) ?? [];
  if (epoch !== undefined) return epoch;
  throw new RefusedError({
    kind: 'bad-parameter',
    field: 'if-match',
    message: 'If-Match does not name one epoch.',
    fix: 'Send If-Match: "<epoch>", or leave it out.',
  });
}

/** Serves `POST /v1/{stream}`. */
export async function servePublish(
  context: RouteContext,
  stream: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, context.config.limits.bodyBytes);
  const header = request.headers['idempotency-key'];
  const draft = draftOf(parseJson(body), typeof header === 'string' ? header : null, body);
  const onlyIn = epochIn(request.headers['if-match']);
  const { position, repeated } = await context.publish(stream, onlyIn === null ? draft : { ...draft, onlyIn });
  sendJson(response, repeated ? 200 : 201, JSON.stringify({ kind: 'published', stream, ...position, repeated }));
}
