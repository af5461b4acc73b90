import type { RungConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import type { Governor, Ticket } from '../connection/governor';
import { defaultTiming } from '../connection/timing';
import { type Clock, deadline, type Timer } from '../core/clock';
import type { Message, Protocol } from '../core/protocol';
import type { Transport, TransportSession } from '../core/transport';
import type { NewestPlace } from '../delivery/resume-proof';

/** The look ends after this long at most, ms. */
const lookMs = 5_000;
/** What a server sends of its own accord to somebody new comes in one go: after such a silence it was all, ms. */
const settledMs = 1_000;
/** More than this is a replay of so much that its end is not waited for. */
const maxFrames = 2_000;

interface LookDeps {
  /** Source id: a look takes its turn among the source's own attempts, and in the origin's budget. */
  readonly id: string;
  readonly governor: Governor;
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly rung: RungConfig;
  readonly origin: string;
  readonly transport: Transport;
  readonly maxFrameBytes: number;
  readonly holdMs: number;
}

/**
 * Attaches once beside the session, without the cursor, to see the newest place that the server has: of what it sends
 * to somebody new, the greatest. Answers null when it sent nothing, too much, or nothing that has a place. Returns what
 * ends it early; then nothing is answered.
 */
function lookAtNewest(deps: LookDeps, done: (newest: NewestPlace | null) => void): () => void {
  const { clock, protocol, rung, transport, governor, id } = deps;
  const decoder = protocol.createDecoder(rung, null);
  let newest: NewestPlace | null = null;
  let frames = 0;
  let over = false;
  let quiet: Timer | null = null;
  let session: TransportSession | null = null;
  let wait: Timer | null = null;
  let ticket: Ticket | null = null;

  function end(answer: NewestPlace | null | undefined): void {
    if (over) return;
    over = true;
    wait?.cancel();
    arrived();
    quiet?.cancel();
    session?.destroy();
    if (answer !== undefined) done(answer);
  }

  function see(messages: readonly Message[]): void {
    for (const message of messages) {
      const place =
        message.kind === 'event' ? message.event.id : message.kind === 'token' ? placeOf(message.token) : null;
      if (place === null) continue;
      const order = newest === null ? 1 : (protocol.comparePlaces?.(place, newest.place) ?? 1);
      if (order > 0) newest = { place, position: message.kind === 'event' ? message.event.position : null };
    }
  }

  function placeOf(token: string): string | null {
    const place = protocol.placeOf?.(token) ?? null;
    // What an event said before says it better.
    return place === newest?.place ? null : place;
  }

  function arrived(): void {
    ticket?.release();
    ticket = null;
  }

  const early = (): number => governor.begunAt(id) + defaultTiming.paceMs - clock.now();

  /** Our own pace first, then the origin's budget, as for any other attempt of the source. */
  function line(): void {
    if (early() > 0) {
      wait = clock.after(Math.ceil(early()), line);
      return;
    }
    let granted = false;
    ticket = governor.request(deps.origin, id, lookMs, () => {
      granted = true;
      if (ticket !== null) begin();
    });
    if (granted) begin();
  }

  function begin(): void {
    if (over) return;
    if (early() > 0) {
      // An attempt of the source went first while this stood in line.
      arrived();
      line();
      return;
    }
    governor.begin(id);
    wait = deadline(clock, lookMs, () => end(newest));
    const opened = transport.open(
      () => protocol.attach(rung, null, { holdMs: deps.holdMs, asking: { n: 1, wall: clock.wall() } }),
      { maxFrameBytes: deps.maxFrameBytes, pollIntervalMs: lookMs, holdMs: deps.holdMs },
      {
        onOpen: arrived,
        onFrame(frame) {
          if (over) return;
          frames += 1;
          if (frames > maxFrames) return end(null);
          see(decoder.decode(frame));
          quiet?.cancel();
          quiet = deadline(clock, settledMs, () => end(newest));
        },
        onStream: () => undefined,
        onFloor: () => undefined,
        onAnswer: () => undefined,
        onHeartbeat: () => undefined,
        onEnd: () => end(newest),
      },
    );
    if (over) opened.destroy();
    else session = opened;
  }

  line();
  return () => end(undefined);
}

export interface LooksDeps extends Omit<LookDeps, 'rung' | 'transport' | 'origin'> {
  originOf(rung: RungConfig): string;
  readonly transports: Readonly<Record<TransportKind, Transport>>;
}

/** The looks of a source: one per session, ended with it. */
export interface Looks {
  look(session: number, rung: RungConfig | null, done: (newest: NewestPlace | null) => void): void;
  end(session: number): void;
  close(): void;
}

export function createLooks(deps: LooksDeps): Looks {
  const running = new Map<number, () => void>();

  function end(session: number): void {
    running.get(session)?.();
    running.delete(session);
  }

  return {
    look(session, rung, done) {
      if (rung === null) {
        done(null);
        return;
      }
      end(session);
      let ended = false;
      const stop = lookAtNewest(
        {
          ...deps,
          rung,
          origin: deps.originOf(rung),
          transport: deps.transports[rung.transport],
        },
        (newest) => {
          ended = true;
          running.delete(session);
          done(newest);
        },
      );
      if (!ended) running.set(session, stop);
    },
    end,
    close() {
      for (const session of [...running.keys()]) end(session);
    },
  };
}
