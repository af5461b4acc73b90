import type { ReachAnswer, ReachPart } from '../../../shared/secrets';
import type { RungConfig, SourceConfig } from '../../../shared/source';
import { readEnd } from '../connection/ends';
import { defaultTiming } from '../connection/timing';
import { type Clock, deadline } from '../core/clock';
import { concealed } from '../core/credential';
import type { HttpHead, NetworkFailure, SocketExchange } from '../core/network';
import { protocolOf } from '../protocols/registry';
import { httpRequestOf } from '../transports/http-request';
import { type OpeningOutcome, type OpeningWatch, openingPatienceMs, watchOpening } from './opening-watch';
import type { SourcePorts } from './ports';

/** One request is given up after this, ms: long enough for a proxy and a token service to say why they do not answer. */
const patienceMs = 20_000;

type Outcome =
  /** `opening`: what came of the messages on open, where there are some. */
  | { readonly kind: 'head'; readonly head: HttpHead; readonly opening?: OpeningOutcome }
  | { readonly kind: 'failed'; readonly failure: NetworkFailure }
  | { readonly kind: 'silence' };

/**
 * Tries how a source would be reached: one request of its plainest rung, cut as soon as its head is there. What came of
 * it is said for the part that was asked about. Leaves nothing open; `ports` stay the caller's.
 */
export async function testReach(
  config: SourceConfig,
  part: ReachPart,
  ports: SourcePorts,
  clock: Clock,
): Promise<ReachAnswer> {
  const rung = rungFor(config);
  if (rung.transport !== 'websocket' && config.recipe?.ask.post?.billed) {
    return { ok: false, text: 'It is not tried: each answer may be billed.', certificate: null };
  }
  const secure = /^(https|wss):/i.test(rung.url);
  if (part === 'tls' && !secure) return { ok: true, text: 'This address does not use TLS.', certificate: null };
  const outcome = await ask(config, rung, ports, clock);
  const certificate = outcome.kind === 'failed' ? outcome.failure.certificate : (ports.way()?.certificate ?? null);
  return { ...concealed(sayOf(part, outcome, rung, ports, clock), ports.credential), certificate };
}

type Said = Pick<ReachAnswer, 'ok' | 'text'>;

function sayOf(part: ReachPart, outcome: Outcome, rung: RungConfig, ports: SourcePorts, clock: Clock): Said {
  if (outcome.kind === 'silence') {
    return { ok: false, text: `No answer within ${patienceMs / 1000} s.` };
  }
  if (outcome.kind === 'failed') return sayOfFailure(part, outcome.failure, rung, ports, clock);
  const { status } = outcome.head;
  const { opening } = outcome;
  if (opening && (part === 'requests' || part === 'credential')) {
    if (opening.kind === 'refused')
      return { ok: false, text: readEnd(opening.end, contextOf(rung, ports, clock)).text };
    if (opening.kind === 'gone') return { ok: false, text: `It closed after our messages on open (${opening.how}).` };
  }
  switch (part) {
    case 'proxy':
      return { ok: true, text: `The host answers ${viaOf(ports)}.` };
    case 'tls':
      return { ok: true, text: sayOfCertificate(ports, clock) };
    case 'requests': {
      if (status < 300) return { ok: true, text: sayOfAnswer(outcome.head) };
      return { ok: false, text: readRefusal(outcome.head, rung, ports, clock) };
    }
    case 'credential': {
      if (opening?.kind === 'silent') {
        const waited = `within ${openingPatienceMs / 1000} s`;
        return {
          ok: true,
          text: `The messages on open were sent; the feed said nothing against them ${waited}, nor for them.`,
        };
      }
      if (opening?.kind === 'accepted')
        return { ok: true, text: 'The messages on open were sent, and the feed goes on.' };
      if (status < 300) return { ok: true, text: `The request was accepted (${status}).` };
      const text = readRefusal(outcome.head, rung, ports, clock);
      const about = status === 401 || status === 403 || status === 407;
      return { ok: false, text: about ? text : `${text} That says nothing of the credential.` };
    }
  }
}

function sayOfFailure(
  part: ReachPart,
  failure: NetworkFailure,
  rung: RungConfig,
  ports: SourcePorts,
  clock: Clock,
): Said {
  const { text } = readEnd({ kind: 'failed', failure }, contextOf(rung, ports, clock));
  const beyondProxy = failure.proxy === null && ports.way() !== null;
  const beyondTls = failure.phase === 'request' || failure.phase === 'handshake' || failure.phase === 'body';
  if (part === 'proxy' && failure.phase === 'tls' && failure.proxy === null) {
    return { ok: true, text: `The way to the host is free; then: ${text}` };
  }
  if (part === 'tls' && beyondProxy && beyondTls && ports.way()?.certificate) {
    return { ok: true, text: `${sayOfCertificate(ports, clock)} Then: ${text}` };
  }
  return { ok: false, text };
}

function readRefusal(head: HttpHead, rung: RungConfig, ports: SourcePorts, clock: Clock): string {
  return readEnd({ kind: 'refused', head, bodyStart: '', retryAfterMs: null }, contextOf(rung, ports, clock)).text;
}

/** What kind of answer came, as its head tells. */
function sayOfAnswer({ status, headers }: HttpHead): string {
  const type = headers
    .find(([name]) => name === 'content-type')?.[1]
    .split(';')[0]
    ?.trim();
  if (status === 101) {
    const chosen = headers.find(([name]) => name === 'sec-websocket-protocol')?.[1];
    return `The WebSocket was opened (101${chosen ? `, subprotocol ${chosen.slice(0, 100)}` : ''}).`;
  }
  return `The feed answers (${status}${type ? `, ${type.slice(0, 60)}` : ''}).`;
}

function viaOf(ports: SourcePorts): string {
  const proxy = ports.way()?.proxy ?? null;
  return proxy === null ? 'without a proxy' : `through ${proxy}`;
}

function sayOfCertificate(ports: SourcePorts, clock: Clock): string {
  const certificate = ports.way()?.certificate;
  if (!certificate) return 'The TLS connection was opened.';
  const { subject, issuer, validTo } = certificate;
  const days = Math.floor((validTo - clock.wall()) / 86_400_000);
  const until = new Date(validTo).toISOString().slice(0, 10);
  const left = days < 0 ? `ended on ${until}, but it is trusted here` : `valid until ${until}, ${days} more days`;
  return `The certificate of ${subject}, issued by ${issuer}, is accepted (${left}).`;
}

function contextOf(rung: RungConfig, { credential }: SourcePorts, clock: Clock) {
  const bare = credential === null || credential.bare === true;
  return {
    transport: rung.transport,
    opened: false,
    stopCodes: [],
    bare,
    openMs: 0,
    wall: clock.wall(),
    timing: defaultTiming,
  };
}

/** What is said on open is tried where it can be; else a poll's answer is whole and soon there, a long-poll's may be held. */
function rungFor({ ladder, recipe }: SourceConfig): RungConfig {
  const spoken = (recipe?.talk.open ?? []).length > 0 ? (['websocket'] as const) : [];
  const order = [...spoken, 'poll', 'sse', 'websocket', 'long-poll'] as const;
  for (const transport of order) {
    const rung = ladder.find((one) => one.transport === transport);
    if (rung) return rung;
  }
  throw new RangeError('A ladder has at least one rung.');
}

function ask(config: SourceConfig, rung: RungConfig, ports: SourcePorts, clock: Clock): Promise<Outcome> {
  const protocol = protocolOf(config);
  const request = protocol.attach(
    rung,
    { positions: {}, token: null },
    { holdMs: 1000, asking: { n: 1, wall: clock.wall() } },
  );
  return new Promise((resolve) => {
    const settle = (outcome: Outcome) => {
      timer.cancel();
      opening?.drop();
      exchange.destroy();
      resolve(outcome);
    };
    const openingMs = protocol.createDecoder(rung).conversation?.openingMs ?? null;
    const timer = deadline(clock, patienceMs + (openingMs ?? 0), () => settle({ kind: 'silence' }));
    const onError = (failure: NetworkFailure) => settle({ kind: 'failed', failure });
    const onHead = (head: HttpHead) => settle({ kind: 'head', head });
    let opening: OpeningWatch | null = null;
    const overSocket = (): SocketExchange => {
      const socket: SocketExchange = ports.socket.open(request, {
        onOpen(head) {
          // Where a redirect leads nothing is said.
          if (openingMs === null || head.elsewhere) return onHead(head);
          opening = watchOpening(head, { rung, protocol, clock }, socket, (outcome) =>
            settle({ kind: 'head', head, opening: outcome }),
          );
        },
        onRefused: onHead,
        onError: (failure) => (opening ? opening.gone(failure.message) : onError(failure)),
        onMessage: (data) => opening?.heard(data),
        onPing() {},
        onPong() {},
        onClose: (code, reason) => opening?.gone(`close code ${code}${reason === '' ? '' : `: ${reason}`}`),
      });
      return socket;
    };
    const exchange =
      rung.transport === 'websocket'
        ? overSocket()
        : ports.http.request(httpRequestOf(request, request.headers), { onHead, onError, onBytes() {}, onEnd() {} });
  });
}
