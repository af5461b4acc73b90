import { parseUrl } from '../../../shared/url';
import type { Clock } from '../core/clock';
import type { HttpPort, SocketPort, StreamPort } from '../core/network';
import { type Classified, classify } from './classify';
import { followUpOf } from './follow-up';
import { isGatewayAnswer } from './gateway-signs';
import { lookHttp } from './look-http';
import { lookSocket } from './look-socket';
import { lookStream } from './look-stream';
import { memberOf, parseJson, textOf } from './parse';
import type { HttpSeen, NothingSeen, Seen, SocketSeen, StreamSeen } from './seen';
import { triedSubprotocols } from './socket-names';
import { tellSeen } from './tell-seen';

/** All looks together end after this, ms. */
export const probeMs = 10_000;
/** One look: until an answer begins, and from there on, ms. */
const headMs = 5_000;
const bodyMs = 4_000;
const listenMs = 4_000;
/** A look that only confirms, ms. */
const shortMs = 2_000;
/** So many events of a gateway are shown as what it looks like. */
const newestEvents = 5;
/** Looks behind the first one, at most. */
const mostFollowUps = 2;
/** With less than this left no further look is begun, ms. */
const leastMs = 500;

/** Places in the budget of an origin: every look waits for one, as every attempt of a source does. */
interface Turns {
  request(origin: string, owner: string, holdMs: number, grant: () => void): { release(): void };
}

export interface ProbeDeps {
  readonly http: HttpPort;
  readonly socket: SocketPort;
  readonly stream: StreamPort;
  readonly clock: Clock;
  readonly turns: Turns;
  /** Names whoever asks, among those that share an origin's budget. */
  readonly owner: string;
}

export interface GatewayAddresses {
  readonly poll: string;
  /** The same, for what came after a place. */
  after(epoch: string, seq: number): string;
}

export interface ProbeTarget {
  /** With places of secrets in it: the ports fill them. */
  readonly url: string;
  readonly subprotocols: readonly string[];
  /** Sent as a POST, because a person has said so; null: a GET. */
  readonly post: { readonly body: string; readonly contentType: string } | null;
  /** What a GET asks for in `Accept`; null: whatever is read here. */
  readonly accept: string | null;
  /** How one of our gateway's streams would be asked there; null: the address does not look like one. */
  readonly gateway: GatewayAddresses | null;
}

export interface Probed extends Classified {
  /** What was asked and what came, step by step, in sentences. */
  readonly steps: readonly string[];
}

/** What is asked for in one GET: whatever of these is served there. */
const accept = 'text/event-stream, application/json;q=0.9, application/x-ndjson;q=0.9, text/plain;q=0.8, */*;q=0.5';

/**
 * Looks at an address: one GET, one upgrade or one connection, and where what comes leaves a question open, one to three more. At most 10 s
 * in all. Nothing else is sent, nothing is left open. Once `signal` fires everything is cut, and what was seen is judged.
 */
export async function probe(target: ProbeTarget, deps: ProbeDeps, signal: AbortSignal): Promise<Probed> {
  const until = deps.clock.now() + probeMs;
  const seen: Seen[] = [];
  const beside: Seen[] = [];
  const steps: string[] = [];
  const left = () => until - deps.clock.now();

  async function see<One extends Seen>(what: string, look: (done: (one: One) => void) => () => void): Promise<Seen> {
    const one = await turn(target.url, left(), deps, signal, look);
    seen.push(one);
    steps.push(`${what}: ${tellSeen(one)}`);
    return one;
  }

  const get = (url: string, wait: number, type = accept): Promise<Seen> =>
    see<HttpSeen | NothingSeen>(`GET ${shown(url)}${type === accept ? '' : ` for ${type}`}`, (done) =>
      lookHttp(
        {
          request: { method: 'GET', url, headers: [['accept', type]], body: null },
          headMs: Math.min(wait, left()),
          bodyMs: Math.min(bodyMs, Math.max(0, left() - wait)),
        },
        deps,
        (one) => done(one.kind === 'http' && type !== accept ? { ...one, accept: type } : one),
      ),
    );

  const upgrade = (url: string, subprotocols: readonly string[], listen: number): Promise<Seen> =>
    see<SocketSeen | HttpSeen | NothingSeen>(`Upgrade of ${shown(url)}`, (done) =>
      lookSocket(
        {
          request: { url, headers: [], subprotocols },
          openMs: Math.min(headMs, left()),
          listenMs: Math.min(listen, left()),
        },
        deps,
        done,
      ),
    );

  /** What a look left open is asked once more, in another way. */
  async function follow(first: Seen): Promise<void> {
    let last = first;
    let tried = 0;
    for (let more = 0; more < mostFollowUps; more += 1) {
      const next = signal.aborted || left() < leastMs ? null : followUpOf(last, target.subprotocols, tried);
      if (next === null) return;
      const url = target.url.replace(/^http/i, 'ws');
      if (next.kind === 'get') last = await get(target.url, headMs, next.accept);
      else {
        if (triedSubprotocols.includes(next.subprotocols)) tried += 1;
        last = await upgrade(url, next.subprotocols, next.listenMs);
      }
    }
  }

  const found = (): boolean => classify(seen).verdicts.length > 0;
  const ours = (): boolean => classify(seen).verdicts.some(({ protocol }) => protocol === 'gateway');

  /** The address itself was asked before: another beside it, with the credential, is asked only where that is no feed. */
  async function askAsGateway({ poll, after }: GatewayAddresses, first: Seen): Promise<void> {
    const from = seen.length;
    const place = placeIn(first) ?? placeIn(await get(poll, shortMs, 'application/json'));
    // Whatever else answers there was not asked for.
    if (place === null) beside.push(...seen.splice(from));
    // Its newest events are what it looks like.
    else if (place.seq > 0) {
      await get(after(place.epoch, Math.max(0, place.seq - newestEvents)), shortMs, 'application/json');
    }
  }

  /** Whoever has the address of an application pastes that: its Socket.IO, where it has one, stands beside its pages. */
  async function askForSocketIo(first: Seen): Promise<void> {
    const url = parseUrl(target.url);
    const page = first.kind === 'http' && !first.head.elsewhere && /^(200|404)$/.test(String(first.head.status));
    if (url?.pathname !== '/' || url.search !== '' || !page || signal.aborted || left() < leastMs) return;
    const from = seen.length;
    await get(new URL('/socket.io/', url).href, shortMs);
    if (!found()) beside.push(...seen.splice(from));
  }

  if (!/^(https?|wss?):/i.test(target.url)) {
    await see<StreamSeen | NothingSeen>(`Connection to ${shown(target.url)}`, (done) =>
      lookStream({ url: target.url, openMs: Math.min(headMs, left()) }, deps, done),
    );
  } else if (/^wss?:/i.test(target.url)) {
    await follow(await upgrade(target.url, target.subprotocols, listenMs));
  } else if (target.post !== null) {
    const { body, contentType } = target.post;
    await see<HttpSeen | NothingSeen>(`POST ${shown(target.url)}`, (done) =>
      lookHttp(
        {
          request: {
            method: 'POST',
            url: target.url,
            headers: [
              ['accept', target.accept ?? accept],
              ['content-type', contentType],
            ],
            body,
            places: true,
          },
          headMs: Math.min(headMs, left()),
          bodyMs,
        },
        deps,
        done,
      ),
    );
  } else {
    const first = await get(target.url, headMs, target.accept ?? accept);
    if (target.gateway !== null && (placeIn(first) !== null || !found())) await askAsGateway(target.gateway, first);
    if (!ours()) await follow(first);
    if (!found()) await askForSocketIo(first);
  }
  return { ...classify(seen, beside), steps };
}

/** Where one of our gateway's streams is; null where it is none. */
function placeIn(seen: Seen): { readonly epoch: string; readonly seq: number } | null {
  const parsed = seen.kind === 'http' && seen.head.status === 200 ? parseJson(seen.text) : null;
  if (!parsed?.ok || !isGatewayAnswer(parsed)) return null;
  const [epoch, seq] = [textOf(parsed.value, 'epoch'), memberOf(parsed.value, 'from')];
  return epoch === null || typeof seq !== 'number' ? null : { epoch, seq };
}

/** Waits for a turn in the origin's budget, looks, and gives the turn back when the look is over. */
function turn<One extends Seen>(
  url: string,
  holdMs: number,
  { turns, owner, clock }: ProbeDeps,
  signal: AbortSignal,
  look: (done: (one: One) => void) => () => void,
): Promise<Seen> {
  const begunAt = clock.now();
  const nothing = (): Seen => ({ kind: 'silent', url, failure: null, waitedMs: clock.now() - begunAt });
  if (signal.aborted || holdMs <= 0) return Promise.resolve(nothing());
  return new Promise((resolve) => {
    let stop: (() => void) | null = null;
    let over = false;

    function settle(one: Seen): void {
      if (over) return;
      over = true;
      timer.cancel();
      signal.removeEventListener('abort', cut);
      ticket.release();
      resolve(one);
    }

    /** Nothing of it is left. */
    function cut(): void {
      stop?.();
      settle(nothing());
    }

    const timer = clock.after(holdMs, cut);
    signal.addEventListener('abort', cut);
    const ticket = turns.request(originOf(url), owner, holdMs, () => {
      stop = look(settle);
    });
  });
}

/** The key under which sources of the same server share a budget. */
function originOf(url: string): string {
  const parsed = parseUrl(url.replace(/^ws/i, 'http'));
  return parsed ? parsed.origin : url;
}

/** An address as it is told: without what follows the path, which may be long. */
function shown(url: string): string {
  return url.replace(/[?#].*$/s, '').slice(0, 200);
}
