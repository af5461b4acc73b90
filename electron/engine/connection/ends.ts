import type { Evidence } from '../../../shared/evidence';
import type { Recipe } from '../../../shared/recipe';
import { transportNames } from '../../../shared/transport';
import { closeDenies } from '../core/login-words';
import {
  badEncodingCode,
  credentialFailedCode,
  invalidCloseCode,
  type NetworkFailure,
  proxyLoginUnsupportedCode,
} from '../core/network';
import { evidenceOfEnd, limitText, oversize, type TransportEnd } from '../core/transport';
import { type Failure, type FailureContext, failureOf, tenths } from './failure';
import { readRefusal } from './refusals';

/** Reads the end of a transport's session. */
export function readEnd(end: TransportEnd, context: FailureContext): Failure {
  const evidence = evidenceOfEnd(end);
  const seconds = tenths(context.openMs);
  switch (end.kind) {
    case 'refused':
      return readRefusal(end, evidence, context);
    case 'not-a-feed': {
      const polls = context.transport === 'poll' || context.transport === 'long-poll';
      if (polls && end.contentType === 'text/event-stream') {
        return failureOf('wrong-content', 'stream-instead', {}, evidence);
      }
      const values = { contentType: end.contentType || 'an answer without a content type', status: end.head.status };
      const upgrade = context.transport === 'websocket' && !isHtml(end.contentType, end.bodyStart);
      const code = upgrade ? 'upgrade-refused' : 'not-a-feed';
      const html = isHtml(end.contentType, end.bodyStart);
      return { ...failureOf('wrong-content', code, values, evidence), html };
    }
    case 'closed':
      return closed(end.code, end.reason, evidence, context);
    case 'ended':
      if (end.whole) return failureOf('closed', 'stream-ended', {}, evidence);
      return cut('end of body', seconds, evidence, context);
    case 'endless': {
      const contentType = end.head.headers.find(([name]) => name === 'content-type')?.[1] ?? 'no content type';
      return failureOf('wrong-content', 'endless-answer', { bytes: end.bytes, contentType }, evidence);
    }
    case 'login-refused':
      return failureOf('auth', 'login-refused', { message: end.message }, evidence);
    case 'opening-refused':
      return failureOf('policy', 'opening-refused', { message: end.message }, evidence);
    case 'feed-error':
      return failureOf('closed', 'feed-error', { message: end.message }, evidence);
    case 'told-end':
      return toldEnd(end, evidence);
    case 'complete':
      return failureOf('stop', 'answer-complete', {}, evidence);
    case 'opening-unanswered':
      return failureOf(
        'ours',
        end.unsaid ? 'opening-unsaid' : 'opening-unanswered',
        { step: end.step, seconds: tenths(end.afterMs) },
        evidence,
      );
    case 'not-our-gateway':
      return failureOf('policy', 'not-our-gateway', { found: end.found }, evidence);
    case 'no-list':
      return failureOf('busy', 'no-list', { found: end.found }, evidence);
    case 'unusable':
      return failureOf('busy', 'answer-unusable', { found: end.found }, evidence);
    case 'garbled':
      return failureOf('ours', 'first-message-unreadable', { found: end.found }, evidence);
    case 'no-packet':
      return failureOf('ours', 'bytes-unreadable', { found: end.found }, evidence);
    case 'no-content':
      return failureOf('stop', 'no-content', {}, evidence);
    case 'too-large':
      return failureOf('ours', 'too-large', { size: oversize(end), limit: limitText(end.limit) }, evidence);
    case 'failed':
      return failed(end.failure, seconds, evidence, context);
  }
}

/** What the feed said of the end that it left to us. */
function toldEnd(
  { how, message, afterMs }: Extract<TransportEnd, { readonly kind: 'told-end' }>,
  evidence: readonly Evidence[],
): Failure {
  switch (how) {
    case 'planned':
    case 'whole':
      return failureOf('closed', 'planned-end', { how: message === '' ? '' : ` (${message})` }, evidence, afterMs);
    case 'error':
      return failureOf('closed', 'feed-error', { message }, evidence, afterMs);
    case 'stop':
      return failureOf('policy', 'ended-for-good', { message: message === '' ? '' : `: ${message}` }, evidence);
  }
}

/** Whether what came is a page for people where a feed should be: what a captive portal sends. */
export function isPage(end: TransportEnd): boolean {
  if (end.kind === 'refused') return end.head.status === 511;
  return end.kind === 'not-a-feed' && isHtml(end.contentType, end.bodyStart);
}

/** Close codes: RFC 6455 §7.4, IANA WebSocket Close Code Number Registry. What the person configured comes first. */
function closed(code: number, reason: string, evidence: readonly Evidence[], context: FailureContext): Failure {
  const values = { close: code === 1005 ? '1005, none given' : code, closeReason: reason ? `: ${reason}` : '' };
  const { timing } = context;
  if (code === 1006) return cut('1006', tenths(context.openMs), evidence, context);
  if (context.stopCodes.includes(code)) return failureOf('policy', 'policy-closed', values, evidence);
  const meant = context.closes?.find(({ from, to }) => code >= from && code <= to);
  if (meant) return meantBy(meant, { ...values, closeReason: saidOf(reason, meant.text) }, evidence);
  const denied = closeDenies(code, reason);
  if (denied === 'login') {
    return failureOf('auth', 'login-refused', { message: `close code ${code}${values.closeReason}` }, evidence);
  }
  if (code === 1008 || denied === 'access') return failureOf('policy', 'policy-closed', values, evidence);
  if (code === 1012) return failureOf('busy', 'server-restarting', values, evidence, timing.restartFloorMs);
  if (code === 1013) return failureOf('busy', 'try-later', values, evidence, timing.laterFloorMs);
  const normal = code === 1000 || code === 1001 || code === 1005;
  return failureOf('closed', normal ? 'closed-normally' : 'server-closed', values, evidence);
}

/** What the recipe says of a close code. */
function meantBy(
  { means, afterSeconds }: Recipe['closes'][number],
  values: { readonly close: string | number; readonly closeReason: string },
  evidence: readonly Evidence[],
): Failure {
  const floorMs = afterSeconds === undefined ? null : afterSeconds * 1000;
  switch (means) {
    case 'stop':
      return failureOf('policy', 'policy-closed', values, evidence);
    case 'login-refused': {
      const message = `close code ${values.close}${values.closeReason}`;
      return failureOf('auth', 'login-refused', { message }, evidence);
    }
    case 'again':
      return failureOf('closed', 'server-closed', values, evidence, floorMs);
    case 'planned':
      return failureOf(
        'closed',
        'planned-end',
        { how: ` (code ${values.close}${values.closeReason})` },
        evidence,
        floorMs,
      );
  }
}

/** A reason, with what it means where the recipe knows. */
function saidOf(reason: string, text: string | undefined): string {
  const said = [reason, text ?? ''].filter((one) => one !== '');
  return said.length === 0 ? '' : `: ${said.join(', ')}`;
}

function cut(how: string, seconds: string, evidence: readonly Evidence[], context: FailureContext): Failure {
  const transport = transportNames[context.transport];
  if (!context.opened) {
    return failureOf('silence', 'connection-reset', { errno: how, phase: 'the opening' }, evidence);
  }
  if (context.transport === 'long-poll') return failureOf('cut', 'hold-cut', { how }, evidence);
  return { ...failureOf('cut', 'connection-cut', { transport, how, seconds }, evidence), how };
}

/**
 * Alerts about our certificate. In TLS 1.3 they come after the handshake has ended for us, in place of the answer.
 */
const clientCertificateCodes =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)/;

/** Codes of Node and OpenSSL that mean: the certificate was seen and is not trusted. */
const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|FINGERPRINT|PINNED|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME/;

function failed(
  failure: NetworkFailure,
  seconds: string,
  evidence: readonly Evidence[],
  context: FailureContext,
): Failure {
  const values = { errno: failure.code, message: failure.message, phase: phaseNames[failure.phase] };
  if (failure.code === credentialFailedCode) return failureOf('ours', 'credential-failed', values, evidence);
  if (failure.proxy) {
    const proxy = { ...values, proxy: failure.proxy.address, message: failure.proxy.message };
    // SOCKS has no status, and asks for a credential all the same.
    const login = failure.proxy.status === 407 || failure.code === 'PROXY_AUTH_REQUIRED';
    const known = failure.code !== proxyLoginUnsupportedCode;
    if (login) return failureOf('proxy-auth', known ? 'proxy-auth' : 'proxy-login-unsupported', proxy, evidence);
    return failureOf('silence', 'proxy-failed', proxy, evidence);
  }
  if (clientCertificateCodes.test(failure.code)) {
    return failureOf('certificate', 'client-certificate', { message: failure.code }, evidence);
  }
  if (failure.phase === 'tls' && certificateCodes.test(failure.code)) {
    const facts = failure.certificate;
    const certificate = facts ? ` (certificate of ${facts.subject}, issued by ${facts.issuer})` : '';
    return failureOf('certificate', 'certificate-invalid', { ...values, certificate }, evidence);
  }
  const resets = failure.code === 'ECONNRESET' || failure.code === 'EPIPE' || failure.code === 'UND_ERR_SOCKET';
  // A poll rung makes many requests: only one that had been written was cut, the others failed to begin.
  const streams = context.transport !== 'poll' && context.transport !== 'long-poll';
  if (failure.code === invalidCloseCode) return failureOf('closed', 'reserved-close', values, evidence);
  if (failure.code === badEncodingCode) {
    if (!context.opened) return failureOf('wrong-content', 'encoding-unreadable', values, evidence);
    return { ...failureOf('cut', 'encoding-broken', { ...values, seconds }, evidence), how: failure.code };
  }
  if (/^(WS_ERR|Z)_/.test(failure.code)) {
    // It was we who ended it, because what came was no WebSocket any more: on the way or at its source.
    if (context.opened) {
      return { ...failureOf('cut', 'protocol-broken', { ...values, seconds }, evidence), how: failure.code };
    }
    // It was open, and our opening messages were not answered yet.
    if (failure.phase === 'body') return failureOf('silence', 'protocol-broken', { ...values, seconds }, evidence);
  }
  if (context.opened && (failure.phase === 'body' || (resets && (streams || failure.phase === 'request')))) {
    return cut(failure.code, seconds, evidence, context);
  }
  if (failure.phase === 'dns') return failureOf('same-way', 'dns-failed', values, evidence);
  if (failure.code === 'ECONNREFUSED') return failureOf('same-way', 'connection-refused', values, evidence);
  if (/^E(HOST|NET)(UNREACH|DOWN)$/.test(failure.code)) return failureOf('same-way', 'no-route', values, evidence);
  if (/TIMEDOUT|TIMEOUT/.test(failure.code)) {
    return failureOf(failure.phase === 'tcp' ? 'same-way' : 'silence', 'connect-timeout', values, evidence);
  }
  if (resets) return failureOf('silence', 'connection-reset', values, evidence);
  if (failure.phase === 'tls') return failureOf('silence', 'tls-failed', values, evidence);
  return failureOf(failure.phase === 'tcp' ? 'same-way' : 'silence', 'network-failed', values, evidence);
}

const phaseNames: Record<NetworkFailure['phase'], string> = {
  dns: 'the name lookup',
  tcp: 'the TCP connection',
  proxy: 'the talk with the proxy',
  tls: 'the TLS handshake',
  request: 'the request',
  handshake: 'the handshake',
  body: 'the transfer',
};

function isHtml(contentType: string, bodyStart: string): boolean {
  return (
    /^(text\/html|application\/xhtml\+xml)/i.test(contentType) || /^\s*<(!doctype|html|head|body)\b/i.test(bodyStart)
  );
}
