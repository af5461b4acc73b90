/** Every way the gateway refuses something; docs/protocol.md *Errors* lists the same ones. */
export const refusalKinds = [
  'bad-cursor',
  'bad-parameter',
  'bad-json',
  'bad-event',
  'bad-stream',
  'bad-message',
  'bad-handshake',
  'bad-request',
  'unauthorized',
  'forbidden-origin',
  'read-only',
  'stream-limit',
  'fault',
  'no-stream',
  'no-route',
  'method',
  'too-slow',
  'other-epoch',
  'too-large',
  'headers-too-large',
  'upgrade-required',
  'rate',
  'internal',
  'busy',
  'closing',
  'not-yet',
  'full',
] as const;

export type RefusalKind = (typeof refusalKinds)[number];

/** A refusal a person can act on: what is wrong, and what to do about it. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly field?: string;
  readonly message: string;
  readonly fix: string;
  /** Seconds, for what is refused only for now. */
  readonly retryAfter?: number;
  /** Methods that are allowed, for 405. */
  readonly allow?: string;
}

/** Thrown inside a request; the router turns it into an answer. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = 'RefusedError';
    this.refusal = refusal;
  }
}

/** What everyone is told once a clean end has begun. */
export function closingNow(): RefusedError {
  return new RefusedError({
    kind: 'closing',
    message: 'The gateway is closing.',
    fix: 'Come back in a moment.',
    retryAfter: 1,
  });
}

/** What a stream is called is looked at before anything is made for it. */
export function badStreamName(): RefusedError {
  return new RefusedError({
    kind: 'bad-stream',
    field: 'stream',
    message: 'This cannot be the name of a stream.',
    fix: 'Use 1 to 64 letters, digits, dots, underscores and hyphens, and more than one or two dots.',
  });
}

/** What is to be published into one epoch only meets another. */
export function otherEpoch(): RefusedError {
  return new RefusedError({
    kind: 'other-epoch',
    field: 'if-match',
    message: 'The log of this stream is of another epoch.',
    fix: 'Attach again, then decide whether it is to be published into the new log.',
  });
}

/** The HTTP status that goes with a refusal. */
export function statusOf(kind: RefusalKind): number {
  switch (kind) {
    case 'bad-cursor':
    case 'bad-parameter':
    case 'bad-json':
    case 'bad-event':
    case 'bad-stream':
    case 'bad-message':
    case 'bad-handshake':
    case 'bad-request':
      return 400;
    case 'unauthorized':
      return 401;
    case 'forbidden-origin':
    case 'read-only':
    case 'stream-limit':
    case 'fault':
      return 403;
    case 'no-stream':
    case 'no-route':
      return 404;
    case 'method':
      return 405;
    case 'too-slow':
      return 408;
    case 'other-epoch':
      return 412;
    case 'too-large':
      return 413;
    case 'upgrade-required':
      return 426;
    case 'rate':
      return 429;
    case 'headers-too-large':
      return 431;
    case 'internal':
      return 500;
    case 'busy':
    case 'closing':
    case 'not-yet':
      return 503;
    case 'full':
      return 507;
  }
}

/**
 * Whether a refusal says nothing of what was asked: the same may be taken later. Over HTTP the status says so (429, 5xx),
 * on a WebSocket the member `later`.
 */
export function isForNow(kind: RefusalKind): boolean {
  const status = statusOf(kind);
  return status === 401 || status === 408 || status === 412 || status === 429 || status >= 500;
}

/** Headers a refusal carries besides the content's own. */
export function headersOf(refusal: Refusal): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  };
  if (refusal.retryAfter !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(refusal.retryAfter)));
  if (refusal.allow !== undefined) headers.allow = refusal.allow;
  if (refusal.kind === 'unauthorized') headers['www-authenticate'] = 'Bearer';
  if (refusal.kind === 'upgrade-required') headers.upgrade = 'websocket';
  return headers;
}

/** The JSON body of a refusal. */
export function bodyOf({ kind, field, message, fix }: Refusal): string {
  return `${JSON.stringify({ error: { kind, ...(field === undefined ? {} : { field }), message, fix } })}\n`;
}
