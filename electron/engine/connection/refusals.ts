import type { Evidence } from '../../../shared/evidence';
import type { ReasonCode } from '../../../shared/reasons';
import type { TransportKind } from '../../../shared/transport';
import type { WallMs } from '../core/clock';
import type { HttpHead } from '../core/network';
import type { TransportEnd } from '../core/transport';
import { type Failure, type FailureContext, failureOf, tenths } from './failure';

/** nginx and others answer in HTTP what they could have said in the handshake. 495 and 496 are nginx's own codes. */
function wantsClientCertificate(status: number, bodyStart: string): boolean {
  return (
    status === 495 ||
    status === 496 ||
    (status === 400 && /\b(SSL|client) certificate (was sent|error|required)/i.test(bodyStart))
  );
}

/** Reads an answer that is a refusal: its status together with its headers. */
export function readRefusal(
  { head, bodyStart, retryAfterMs: asked }: Extract<TransportEnd, { kind: 'refused' }>,
  evidence: readonly Evidence[],
  context: FailureContext,
): Failure {
  const { status } = head;
  const values = { status };
  if (wantsClientCertificate(status, bodyStart)) {
    return failureOf('refusal', 'client-certificate', { message: `it answered ${status}` }, evidence);
  }
  if (isBotCheck(head)) return failureOf('refusal', 'bot-check', values, evidence, asked);
  const resetMs = limitResetMs(head, context.wall);
  const retryAfterMs = resetMs === null ? asked : Math.max(resetMs, asked ?? 0);
  if (resetMs !== null && (status === 403 || status === 429)) {
    return failureOf('busy', 'limit-used-up', { ...values, seconds: tenths(resetMs) }, evidence, retryAfterMs);
  }
  if (status === 403 && asked !== null) {
    // Whoever says when to come back has not forbidden it: GitHub's secondary limit says no more than this.
    return failureOf('busy', 'limit-used-up', { ...values, seconds: tenths(asked) }, evidence, retryAfterMs);
  }
  if (status === 401) {
    return failureOf('auth', context.bare ? 'credential-wanted' : 'unauthorized', values, evidence, retryAfterMs);
  }
  if (status === 407) {
    const proxy = { proxy: 'on the way', message: `it answered ${status}` };
    return failureOf('proxy-auth', 'proxy-auth', proxy, evidence, retryAfterMs);
  }
  if (status === 511) return { ...failureOf('portal', 'captive-portal', values, evidence, retryAfterMs), html: true };
  if (context.transport === 'long-poll' && status === 504) {
    // A proxy gave up waiting for an answer that was held on purpose.
    return failureOf('silence', 'hold-cut', { how: 'answered 504' }, evidence, retryAfterMs);
  }
  if (status === 429) return failureOf('busy', 'rate-limited', values, evidence, retryAfterMs);
  if (status >= 500 || status === 408 || status === 425) {
    return failureOf('busy', 'server-trouble', values, evidence, retryAfterMs);
  }
  return failureOf('refusal', refusalCode(status, context.transport), values, evidence, retryAfterMs);
}

function refusalCode(status: number, transport: TransportKind): ReasonCode {
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 410) return 'gone';
  if (status >= 300 && status < 400) return 'redirected';
  if (transport === 'websocket' && (status < 300 || status === 400 || status === 426)) return 'upgrade-refused';
  return 'rejected';
}

/** Cloudflare and its like put a page in front that only a browser passes. */
function isBotCheck(head: HttpHead): boolean {
  return headerOf(head, 'cf-mitigated') === 'challenge' || headerOf(head, 'x-amzn-waf-action') !== null;
}

/** Where the time of a reset is not said, a used-up limit is given this long, ms. */
const unsaidResetMs = 60_000;
/** Numbers above this are points in time, epoch seconds; below, seconds from now. */
const leastEpochSeconds = 1_000_000_000;

/**
 * A limit of requests that is used up, and when it begins anew, ms from now; null where none is said to be. Reads what
 * GitHub (`x-ratelimit-*`), others (`x-rate-limit-*`) and the IETF draft (`ratelimit-*`) send.
 */
function limitResetMs(head: HttpHead, wall: WallMs): number | null {
  for (const prefix of ['x-ratelimit', 'x-rate-limit', 'ratelimit']) {
    if (headerOf(head, `${prefix}-remaining`)?.trim() !== '0') continue;
    const text = headerOf(head, `${prefix}-reset`)?.trim() ?? '';
    if (!/^\d{1,13}(\.\d+)?$/.test(text)) return unsaidResetMs;
    const value = Number(text);
    if (value < leastEpochSeconds) return value * 1000;
    // Its own clock says how far off that is, whatever ours says.
    const itsNow = Date.parse(headerOf(head, 'date') ?? '');
    const at = value < 1000 * leastEpochSeconds ? value * 1000 : value;
    return Math.max(0, at - (Number.isNaN(itsNow) ? wall : itsNow));
  }
  return null;
}

function headerOf(head: HttpHead, name: string): string | null {
  return head.headers.find(([key]) => key === name)?.[1] ?? null;
}
