import type { Clock, Timer } from '../core/clock';
import { type Dial, type Dialled, targetOf } from './dial';
import { speakHttp2 } from './http2-speaker';
import { cut, type Heard, type Speaker, type SpokenRequest } from './speaker';

/** One connection to one origin, with one exchange on it at a time. */
export interface Lane {
  readonly origin: string;
  /** A redirect from another origin led to it. What was shown on such a connection is less, so that the two are never one. */
  readonly elsewhere: boolean;
  readonly dialled: Dialled;
  ask(request: SpokenRequest, heard: Heard): void;
  /** Stops reading: the kernel's window fills (over HTTP/2 the stream's) and the server feels it. */
  hold(): void;
  release(): void;
  destroy(): void;
}

/** Lanes by origin: polls come back to a connection that is still open. */
export interface Lanes {
  /** A connection that is open and idle; null when there is none. */
  idle(origin: string, elsewhere: boolean): Lane | null;
  /** Rejects with a DialFailure, or when aborted. */
  open(origin: string, elsewhere: boolean, signal: AbortSignal): Promise<Lane>;
  /** Gives a lane back after an exchange that ended in order. */
  giveBack(lane: Lane): void;
  /** The server wants this origin asked over HTTP/1.1 from now on. */
  onlyHttp1(origin: string): void;
  close(): void;
}

/** How long an unused connection stays open, ms. Servers commonly close theirs after 5 to 75 s. */
const idleMs = 10_000;
const maxIdlePerOrigin = 2;
/** Redirects may lead to a new origin each time; one that is forgotten says so again. */
const maxHttp1Only = 100;

type Speak = (origin: string, socket: Dialled['socket'], onGone: () => void) => Speaker;

/** What was agreed on while dialling. undici comes with the first connection: it takes long to load. */
async function speakOn({ socket }: Dialled, clock: Clock): Promise<Speak> {
  if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') return speakHttp2;
  const { speakHttp1 } = await import('./http1-speaker');
  return (origin, own, onGone) => speakHttp1(origin, own, clock, idleMs, onGone);
}

function keyOf(origin: string, elsewhere: boolean): string {
  return elsewhere ? `${origin} elsewhere` : origin;
}

export function createLanes(dial: Dial, clock: Clock): Lanes {
  const idle = new Map<string, Lane[]>();
  const timers = new Map<Lane, Timer>();
  const all = new Set<Lane>();
  const closing = new AbortController();
  const http1Only = new Set<string>();

  function forget(lane: Lane): void {
    timers.get(lane)?.cancel();
    timers.delete(lane);
    const key = keyOf(lane.origin, lane.elsewhere);
    const lanes = idle.get(key)?.filter((other) => other !== lane) ?? [];
    if (lanes.length === 0) idle.delete(key);
    else idle.set(key, lanes);
  }

  function create(origin: string, elsewhere: boolean, dialled: Dialled, speak: Speak): Lane {
    const { socket } = dialled;
    const speaker = speak(origin, socket, () => lane.destroy());
    const lane: Lane = {
      origin,
      elsewhere,
      dialled,
      ask: (request, heard) => speaker.ask(request, heard),
      hold: () => speaker.hold(),
      release: () => speaker.release(),
      destroy() {
        if (!all.delete(lane)) return;
        forget(lane);
        speaker.destroy();
        socket.destroy();
      },
    };
    all.add(lane);
    return lane;
  }

  return {
    idle(origin, elsewhere) {
      const lane = idle.get(keyOf(origin, elsewhere))?.at(-1);
      if (!lane) return null;
      forget(lane);
      return lane;
    },
    async open(origin, elsewhere, signal) {
      const use = http1Only.has(origin) ? 'http1' : 'http';
      const dialled = await dial(targetOf(new URL(origin), use, elsewhere), signal);
      // Heard by nobody while the speaker is brought.
      dialled.socket.on('error', () => {});
      const speak = await speakOn(dialled, clock);
      if (signal.aborted || closing.signal.aborted) {
        dialled.socket.destroy();
        throw signal.reason ?? closing.signal.reason;
      }
      if (dialled.socket.destroyed) throw cut();
      return create(origin, elsewhere, dialled, speak);
    },
    giveBack(lane) {
      const key = keyOf(lane.origin, lane.elsewhere);
      const lanes = idle.get(key) ?? [];
      if (closing.signal.aborted || !all.has(lane) || lanes.length >= maxIdlePerOrigin) return lane.destroy();
      lane.release();
      idle.set(key, [...lanes, lane]);
      // undici ends those of HTTP/1.1 sooner where the server says how long it keeps them.
      timers.set(
        lane,
        clock.after(idleMs, () => lane.destroy()),
      );
    },
    onlyHttp1(origin) {
      http1Only.add(origin);
      const [oldest] = http1Only;
      if (http1Only.size > maxHttp1Only && oldest !== undefined) http1Only.delete(oldest);
    },
    close() {
      closing.abort();
      for (const lane of [...all]) lane.destroy();
    },
  };
}
