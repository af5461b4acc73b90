import { redactUrls } from '../../../shared/secret-words';
import type { RungConfig, SourceConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import type { Governor } from '../connection/governor';
import type { Timer } from '../core/clock';
import type { Outgoing } from '../core/protocol';
import type { RungFacts, RungOpener, RungPurpose } from '../core/rung';
import type { Said, Unsendable } from '../core/said';
import type { Transport } from '../core/transport';
import type { NewestPlace } from '../delivery/resume-proof';
import type { ServerPlace } from '../outbox/key-memory';
import { maxFrameBytes } from './frame-limit';
import { createLooks } from './look';
import { SourceSession } from './session';
import type { Flushes, SessionDeps } from './session-deps';

export interface SourceRungsDeps extends Omit<SessionDeps, 'flushes' | 'holdMs' | 'greeted' | 'onLeft'> {
  readonly id: string;
  readonly governor: Governor;
  readonly ladder: readonly RungConfig[];
  readonly transports: Readonly<Record<TransportKind, Transport>>;
  /** A session that delivered is over. */
  onDeliveringEnded?(session: number): void;
  /** Sessions as they open and end, for checks from outside. */
  onSession?(session: { readonly id: number; readonly purpose: RungPurpose; readonly open: boolean }): void;
}

/** The open sessions of one source. */
export interface SourceRungs extends RungOpener {
  /**
   * Sends a person's message in the delivering session; the number of the session that took it, null where there is none or
   * its budget is used up: `onReady` follows when it has room. `message`: said as the session says it, where it has its own way.
   */
  send(said: Said | null, message?: Outgoing): number | Unsendable | null;
  /** Sends what delivery asks for over the delivering WebSocket. False where there is none. */
  request(text: string): boolean;
  /**
   * Calls back once a session has shown that it got what was sent before: a pong to a ping sent behind it. Never when it
   * ends before that, or has no pings.
   */
  confirm(session: number, done: () => void): void;
  /** Rung of the delivering session, for requests beside it; null while there is none. */
  currentRung(): RungConfig | null;
  /** Where the log is that the delivering session reads; null while there is none, or it did not say. */
  place(): ServerPlace | null;
  /** Looks once, beside a session and on its rung, for the newest place the server has. Null where there is none to see. */
  look(session: number, done: (newest: NewestPlace | null) => void): void;
  /** The sequencer says that a session has all it promised at attach. */
  tellCaughtUp(session: number): void;
  close(): void;
}

/** How long we ask a long-poll server to hold, ms. */
const holdMs = 25_000;

/** A pin means a rung of the ladder that is climbed. */
export function pinOn(ladder: readonly RungConfig[], rung: number | null): number | null {
  return rung !== null && rung < ladder.length ? rung : null;
}

/** Opens rungs for the connection and knows which of them deliver. */
export function createSourceRungs(deps: SourceRungsDeps): SourceRungs {
  const open = new Map<number, SourceSession>();
  const flushes = createFlushes(deps);
  const looks = createLooks({ ...deps, maxFrameBytes, holdMs, originOf: (rung) => rungFactsOf(rung).origin });
  let lastId = 0;

  const ofSessions: SessionDeps = { ...deps, flushes, holdMs, greeted: () => delivering() !== null, onLeft };

  function onLeft({ id, purpose }: Parameters<SessionDeps['onLeft']>[0]): void {
    open.delete(id);
    looks.end(id);
    if (purpose !== 'proof') deps.onDeliveringEnded?.(id);
    deps.onSession?.({ id, purpose, open: false });
  }

  /** The newest session that can take messages. */
  function delivering(): SourceSession | null {
    let found: SourceSession | null = null;
    for (const session of open.values()) if (session.ready) found = session;
    return found;
  }

  return {
    open(index, purpose, sink) {
      const rung = deps.ladder[index];
      if (!rung) throw new RangeError(`No rung ${index} on a ladder of ${deps.ladder.length}.`);
      lastId += 1;
      const session = new SourceSession(lastId, rung, purpose, deps.transports[rung.transport], ofSessions, sink);
      open.set(session.id, session);
      deps.onSession?.({ id: session.id, purpose, open: true });
      return session;
    },
    send(said, message) {
      const session = delivering();
      if (session === null || session.elsewhere) return null;
      const own = message && session.decoder.speak ? session.decoder.speak(message) : said;
      if (own !== null && typeof own === 'object' && 'refused' in own) return own;
      return own !== null && session.sending.message(own) ? session.id : null;
    },
    request: (text) => delivering()?.sending.request(text) ?? false,
    confirm: (id, done) => open.get(id)?.sending.confirm(done),
    currentRung: () => delivering()?.rung ?? null,
    place: () => delivering()?.place() ?? null,
    tellCaughtUp: (id) => open.get(id)?.caughtUp(),
    look: (id, done) => looks.look(id, open.get(id)?.rung ?? null, done),
    close() {
      flushes.end();
      looks.close();
    },
  };
}

function createFlushes({ clock, sequencer }: SourceRungsDeps): Flushes & { end(): void } {
  let timer: Timer | null = null;
  let turn = 0;
  let behind: (() => void)[] = [];

  function cancel(): void {
    timer?.cancel();
    timer = null;
  }

  function now(): void {
    cancel();
    turn += 1;
    sequencer.flush();
    const acts = behind;
    behind = [];
    for (const act of acts) act();
  }

  function soon(): void {
    timer ??= clock.after(0, now);
  }

  return {
    get turn() {
      return turn;
    },
    now,
    soon,
    behind(act) {
      behind.push(act);
      soon();
    },
    end() {
      cancel();
      behind = [];
    },
  };
}

/** What the connection must know of a rung. http and ws of the same security count as one origin. */
export function rungFactsOf(rung: SourceConfig['ladder'][number]): RungFacts {
  const url = new URL(rung.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    transport: rung.transport,
    origin: `${url.protocol === 'wss:' || url.protocol === 'https:' ? 'https' : 'http'}://${url.host}`,
    loopback: host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host),
    url: redactUrls(rung.url),
    pollIntervalMs: rung.intervalSeconds * 1000,
    holdMs,
  };
}
