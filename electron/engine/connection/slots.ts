import type { Clock, MonotonicMs, Timer } from '../core/clock';
import type { RungOpener, RungPurpose, RungSession, RungSink } from '../core/rung';
import type { Governor, Ticket } from './governor';
import type { Pulse, Role, Settings } from './model';
import { openTimeoutMs } from './sessions';

/** A session's place, from the wish to open until its end. Whoever no longer holds the place is not heard. */
export interface Slot {
  role: Role;
  readonly rung: number;
  readonly purpose: RungPurpose;
  pace: Timer | null;
  ticket: Ticket | null;
  session: RungSession | null;
  /** A frame came. */
  heard: boolean;
  bytes: number;
  lastByteAt: MonotonicMs;
  /** When the feed was last heard: everything but pongs. */
  lastFeedAt: MonotonicMs;
}

/** The places sessions can have: at most one session each, so that no role can ever be played twice. */
export interface Slots {
  get(role: Role): Slot | undefined;
  /** The generation guard: a session is heard only while it holds its place. */
  holds(slot: Slot): boolean;
  /** Gets in line to open a session; whatever had the place is ended. */
  open(role: Role, rung: number, purpose: RungPurpose): void;
  /** Ends what has the place, in line, opening or open. */
  drop(role: Role, politely: boolean): void;
  /** A session that ended by itself loses its place. */
  vacate(slot: Slot): void;
  /** The session of `role` becomes the main one; the old main one is closed politely. */
  adopt(role: 'control' | 'candidate'): void;
  /** The handshake is over: makes room in the origin's budget. */
  arrived(slot: Slot): void;
  /** Reads the session's counters; raw bytes are life that made no frame yet. */
  measure(slot: Slot): Pulse | null;
  /** Something was heard of the session: what has been read so far belongs to it. The time is given, monotonic ms. */
  touch(slot: Slot, at: MonotonicMs): void;
  /** Sessions opened so far. */
  attempts(): number;
  end(): void;
}

interface SlotsDeps {
  readonly id: string;
  readonly clock: Clock;
  readonly opener: RungOpener;
  readonly governor: Governor;
  readonly settings: Settings;
  readonly sinkOf: (slot: Slot) => RungSink;
  /** Its turn had come: the handshake runs. */
  readonly onBegun: (slot: Slot) => void;
}

/** A held answer keeps its handshake's place in the budget no longer than this, ms. */
const heldPlaceMs = 1_000;

export function createSlots({ id, clock, opener, governor, settings, sinkOf, onBegun }: SlotsDeps): Slots {
  const slots = new Map<Role, Slot>();
  let attempts = 0;

  const holds = (slot: Slot): boolean => slots.get(slot.role) === slot;
  const early = (): number => governor.begunAt(id) + settings.timing.paceMs - clock.now();

  /** First our own pace, then the origin's budget. */
  function line(slot: Slot): void {
    if (early() > 0) {
      slot.pace = clock.after(Math.ceil(early()), () => {
        slot.pace = null;
        line(slot);
      });
      return;
    }
    const facts = settings.rungs[slot.rung];
    if (!facts) return;
    const placeMs = facts.transport === 'long-poll' ? heldPlaceMs : openTimeoutMs(settings, slot.rung);
    let granted = false;
    slot.ticket = governor.request(facts.origin, id, placeMs, () => {
      granted = true;
      if (slot.ticket) begin(slot);
    });
    if (granted) begin(slot);
  }

  function begin(slot: Slot): void {
    if (!holds(slot) || slot.session) return;
    if (early() > 0) {
      // Another session of ours went first while this one stood in line.
      arrived(slot);
      line(slot);
      return;
    }
    governor.begin(id);
    attempts += 1;
    slot.lastByteAt = clock.now();
    slot.lastFeedAt = slot.lastByteAt;
    const sink = sinkOf(slot);
    onBegun(slot);
    try {
      slot.session = opener.open(slot.rung, slot.purpose, sink);
    } catch (error) {
      // An address that nothing can be made of fails like any other attempt: it must not take the application down.
      const message = error instanceof Error ? error.message : String(error);
      sink.onEnd({
        kind: 'failed',
        failure: { phase: 'request', code: 'ERR_OPEN', message, certificate: null, proxy: null },
      });
    }
  }

  function arrived(slot: Slot): void {
    slot.ticket?.release();
    slot.ticket = null;
  }

  function vacate(slot: Slot): void {
    if (holds(slot)) slots.delete(slot.role);
    slot.pace?.cancel();
    arrived(slot);
  }

  function drop(role: Role, politely: boolean): void {
    const slot = slots.get(role);
    if (!slot) return;
    vacate(slot);
    if (politely) slot.session?.close();
    else slot.session?.destroy();
  }

  return {
    get: (role) => slots.get(role),
    holds,
    open(role, rung, purpose) {
      drop(role, false);
      const slot: Slot = {
        role,
        rung,
        purpose,
        pace: null,
        ticket: null,
        session: null,
        heard: false,
        bytes: 0,
        lastByteAt: clock.now(),
        lastFeedAt: clock.now(),
      };
      slots.set(role, slot);
      line(slot);
    },
    drop,
    vacate,
    adopt(role) {
      const slot = slots.get(role);
      if (!slot) return;
      slots.delete(role);
      drop('main', true);
      slot.role = 'main';
      slots.set('main', slot);
    },
    arrived,
    measure(slot) {
      if (!slot.session) return null;
      const bytesRead = slot.session.bytesRead();
      if (bytesRead > slot.bytes) {
        slot.bytes = bytesRead;
        slot.lastByteAt = clock.now();
        slot.lastFeedAt = slot.lastByteAt;
      }
      const { session } = slot;
      return {
        bytesRead,
        bytesQueued: session.bytesQueued(),
        lastByteAt: slot.lastByteAt,
        placed: session.placed(),
      };
    },
    touch(slot, at) {
      const bytesRead = slot.session?.bytesRead() ?? 0;
      if (bytesRead > slot.bytes) slot.bytes = bytesRead;
      slot.lastByteAt = at;
    },
    attempts: () => attempts,
    end() {
      for (const role of [...slots.keys()]) drop(role, true);
    },
  };
}
