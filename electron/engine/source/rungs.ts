import type { ResumePoint } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import type { Clock, Timer } from '../core/clock';
import type { CredentialPort } from '../core/credential';
import type { Frame } from '../core/frame';
import type { Message, Protocol } from '../core/protocol';
import type { RungOpener, RungPurpose, RungSession, RungSink } from '../core/rung';
import type { Transport, TransportSession } from '../core/transport';
import type { Sequencer } from '../delivery/sequencer';

/** Largest frame taken from a feed, bytes. Over it the frame is refused with its size and this limit. */
export const maxFrameBytes = 16 * 1024 * 1024;

export interface SourceRungsDeps {
  readonly ladder: readonly RungConfig[];
  readonly protocol: Protocol;
  readonly transports: Readonly<Record<TransportKind, Transport>>;
  readonly sequencer: Sequencer;
  readonly clock: Clock;
  readonly credential: CredentialPort | null;
  readonly holdMs: number;
  /** Every frame of a delivering session, for counters. */
  onFrame(frame: Frame): void;
  /** A delivering session can take messages: it is attached. */
  onReady?(): void;
  /** What a two-way feed says of a message of ours. */
  onSendAnswer?(answer: Extract<Message, { readonly kind: 'published' | 'send-refused' }>): void;
  onDeliveringEnded?(session: number): void;
  /** Sessions as they open and end, for checks from outside. */
  onSession?(session: { readonly id: number; readonly purpose: RungPurpose; readonly open: boolean }): void;
}

/** The open sessions of one source. */
export interface SourceRungs extends RungOpener {
  /** Sends text over the delivering WebSocket; the number of the session that took it, null where there is none. */
  send(text: string): number | null;
  /**
   * Calls back once a session has shown that it got what was sent before: a pong to a ping sent behind it. Never when it
   * ends before that, or has no pings.
   */
  confirm(session: number, done: () => void): void;
  /** Rung of the delivering session, for requests beside it; null while there is none. */
  currentRung(): RungConfig | null;
  /** The sequencer says that a session has all it promised at attach. */
  tellCaughtUp(session: number): void;
  close(): void;
}

/**
 * A candidate that has nothing to catch up with and hears nothing is believed after this long, ms: what closes
 * connections that it let open does so sooner.
 */
const settleMs = 6_000;

interface OpenSession {
  readonly id: number;
  readonly rung: RungConfig;
  readonly purpose: RungPurpose;
  readonly transport: TransportSession;
  /** Ready to take a message: attached, or open where the feed answers no attach. */
  ready: boolean;
  pings: number;
  pongs: number;
  /** Waits for the pong to the ping of this number. A server may answer several pings with one pong. */
  readonly confirms: { readonly atPong: number; readonly done: () => void }[];
}

/**
 * Opens rungs for the connection: a transport's frames go through the protocol's decoder, events into the
 * sequencer, and what concerns the connection to its sink. A `proof` delivers nothing: its events are compared.
 */
export function createSourceRungs(deps: SourceRungsDeps): SourceRungs {
  const { protocol, sequencer, credential } = deps;
  const open = new Map<number, OpenSession>();
  const caughtUp = new Map<number, () => void>();
  let lastId = 0;
  let flushTimer: Timer | null = null;
  /** Grows with each flush: frames of the same turn were read together. */
  let turn = 0;

  function flush(): void {
    flushTimer?.cancel();
    flushTimer = null;
    turn += 1;
    sequencer.flush();
  }

  function request(rung: RungConfig, purpose: RungPurpose): () => ReturnType<Protocol['attach']> {
    // A proof looks for what lies behind the cursor and for nothing else.
    let again = purpose === 'proof';
    return () => {
      const dressed = protocol.attach(rung, sequencer.resumePoint(), { holdMs: deps.holdMs, again });
      again = true;
      const extra = credential?.headers() ?? [];
      return extra.length === 0 ? dressed : { ...dressed, headers: [...dressed.headers, ...extra] };
    };
  }

  function openRung(index: number, purpose: RungPurpose, sink: RungSink): RungSession {
    const rung = deps.ladder[index];
    if (!rung) throw new RangeError(`No rung ${index} on a ladder of ${deps.ladder.length}.`);
    lastId += 1;
    const id = lastId;
    const resume: ResumePoint = sequencer.resumePoint();
    const decoder = protocol.createDecoder(rung, resume);
    let over = false;
    let settling: Timer | null = null;
    let heardIn = -1;
    // Only there a proxy may hold events back to let them go in bursts (`connection/sawtooth.ts`).
    const paced = rung.transport === 'sse';

    function leave(): void {
      if (over) return;
      over = true;
      settling?.cancel();
      open.delete(id);
      caughtUp.delete(id);
      if (purpose !== 'proof') {
        sequencer.sessionEnded(id);
        flush();
        deps.onDeliveringEnded?.(id);
      }
      deps.onSession?.({ id, purpose, open: false });
    }

    function hear(frame: Frame): void {
      // What was read together is one sign of life, and looking at clocks and counters for each costs. A cadence is
      // learnt from every frame.
      if (heardIn !== turn || paced || purpose === 'proof') {
        heardIn = turn;
        sink.onFrame();
        if (over) return;
      }
      const messages = decoder.decode(frame);
      if (purpose === 'proof') {
        sink.onProof(countUndelivered(messages, sequencer.resumePoint()));
        return;
      }
      deps.onFrame(frame);
      let eventsOnly = true;
      for (const message of messages) {
        if (message.kind !== 'event') eventsOnly = false;
        take(message);
        if (over) return;
      }
      // Frames read together become one step of delivery: a step costs more than an event.
      if (eventsOnly) flushTimer ??= deps.clock.after(0, flush);
      else flush();
    }

    function take(message: Message): void {
      switch (message.kind) {
        case 'event':
          sequencer.event(id, message.event);
          if (paced) sink.onEvent(message.event.sentAt, message.event.receivedAt);
          return;
        case 'attached': {
          const session = open.get(id);
          if (session) session.ready = true;
          sequencer.attached(id, message.attachment);
          sink.onAttached(message.attachment);
          if (purpose !== 'proof') deps.onReady?.();
          return;
        }
        case 'terms':
          sink.onTerms({ spreadMs: message.spreadMs, heartbeatMs: message.heartbeatMs });
          return;
        case 'heartbeat':
          sequencer.heartbeat(id, message.stream, message.epoch, message.head);
          sink.onHeartbeat('comment');
          return;
        case 'goodbye':
          sink.onGoodbye(message);
          return;
        case 'cannot-resume':
          sequencer.cannotResume(id, message);
          return;
        case 'replayed':
          sequencer.replayed(id, message);
          return;
        case 'token':
          sequencer.token(id, message.token);
          return;
        case 'more':
          open.get(id)?.transport.askNow();
          return;
        case 'undecodable':
          sequencer.undecodable(id, message);
          return;
        case 'published':
        case 'send-refused':
          deps.onSendAnswer?.(message);
          return;
        case 'control':
          return;
        default:
          message satisfies never;
      }
    }

    const transport = deps.transports[rung.transport].open(
      request(rung, purpose),
      { maxFrameBytes, pollIntervalMs: rung.intervalSeconds * 1000, holdMs: deps.holdMs },
      {
        // What concerns the connection goes to it as it comes: dropping what is late is its business.
        onOpen(opening) {
          const session = open.get(id);
          if (session && !protocol.resumable) session.ready = true;
          sink.onOpen(opening);
          if (!over && session?.ready && purpose !== 'proof') deps.onReady?.();
          if (over || !protocol.headless || purpose === 'proof') return;
          if (purpose === 'candidate') settling = deps.clock.after(settleMs, () => sink.onCaughtUp());
          else sink.onCaughtUp();
        },
        onFrame(frame) {
          if (!over) hear(frame);
        },
        onFloor: (ms) => sink.onFloor(ms),
        onAnswer(roundTripMs) {
          sink.onAnswer(roundTripMs);
          // Still here: the answer had no frame, so there was nothing to find.
          if (!over && purpose === 'proof') sink.onProof(0);
        },
        onHeartbeat(kind) {
          const session = open.get(id);
          if (kind === 'pong' && session) pong(session);
          sink.onHeartbeat(kind);
        },
        onEnd(end) {
          if (!over) {
            // On poll rungs the frame is a whole answer, not the next event.
            const pushes = rung.transport === 'websocket' || rung.transport === 'sse';
            if (end.kind === 'too-large' && pushes && purpose !== 'proof') sequencer.tooLarge(id, null);
            leave();
          }
          sink.onEnd(end);
        },
      },
    );
    open.set(id, { id, rung, purpose, transport, ready: false, pings: 0, pongs: 0, confirms: [] });
    caughtUp.set(id, () => sink.onCaughtUp());
    if (purpose !== 'proof') sequencer.sessionOpened(id);
    deps.onSession?.({ id, purpose, open: true });

    return {
      bytesRead: () => transport.bytesRead(),
      bytesQueued: () => transport.bytesQueued(),
      ping(flushed) {
        const session = open.get(id);
        if (session) session.pings += 1;
        return transport.ping(flushed);
      },
      askNow: () => transport.askNow(),
      pause: () => transport.pause(),
      resume: () => transport.resume(),
      close() {
        leave();
        transport.close();
      },
      destroy() {
        leave();
        transport.destroy();
      },
    };
  }

  return { open: openRung, send, confirm, currentRung, tellCaughtUp, close: () => flushTimer?.cancel() };

  function newest(): OpenSession | null {
    let found: OpenSession | null = null;
    for (const session of open.values()) if (session.purpose !== 'proof' && session.ready) found = session;
    return found;
  }

  function send(text: string): number | null {
    const session = newest();
    return session?.transport.send(text, () => {}) ? session.id : null;
  }

  function confirm(id: number, done: () => void): void {
    const session = open.get(id);
    if (!session?.transport.ping(() => {})) return;
    session.pings += 1;
    session.confirms.push({ atPong: Math.min(session.pings, session.pongs + 2), done });
  }

  function pong(session: OpenSession): void {
    session.pongs += 1;
    while (session.confirms[0] && session.confirms[0].atPong <= session.pongs) session.confirms.shift()?.done();
  }

  function currentRung(): RungConfig | null {
    return newest()?.rung ?? null;
  }

  function tellCaughtUp(session: number): void {
    caughtUp.get(session)?.();
  }
}

/** Events of a proof's answer that lie beyond what was accepted. One without a position may have been delivered: no proof. */
function countUndelivered(messages: readonly Message[], resume: ResumePoint): number {
  let count = 0;
  for (const message of messages) {
    if (message.kind !== 'event') continue;
    const { stream, position } = message.event;
    const accepted = Object.hasOwn(resume.positions, stream) ? resume.positions[stream] : undefined;
    if (position && (!accepted || accepted.epoch !== position.epoch || position.seq > accepted.seq)) count += 1;
  }
  return count;
}
