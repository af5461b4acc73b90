import type { Gap } from '../../../../shared/gap';
import type { DeliveredEvent, Delivery, DeliveryCheckpoint } from '../../core/delivery';
import type { Message } from '../../core/protocol';
import { createFakeClock } from '../../simulation/fake-clock';
import type { SequencerLimits } from '../limits';
import type { RepairRequest } from '../repair';
import { createSequencer, type Sequencer } from '../sequencer';
import { applyStep } from './apply-step';
import { event, plainRandom } from './harness';

/** One thing that happens in a run. Numbers pick among what is there, modulo how much there is. */
export type Move =
  | { readonly do: 'publish'; readonly count: number }
  | { readonly do: 'carry'; readonly count: number }
  | { readonly do: 'drop' | 'duplicate' | 'swap' | 'garble'; readonly at: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cut' | 'connect' | 'promote' | 'switch' | 'crash' | 'commit' | 'heartbeat' }
  | { readonly do: 'answer' | 'fail' | 'swallow' }
  | { readonly do: 'trim'; readonly keep: number }
  | { readonly do: 'restartServer' }
  /** Between two servers behind one address, each with a log of its own. */
  | { readonly do: 'otherServer' };

const epochNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/**
 * A feed and a client, no I/O: frames in flight that faults rearrange, a journal that commits late, a client process
 * that dies and finds what was committed. Hooks: `play` does one move, `heal` ends all faults and runs until quiet.
 */
export class World {
  readonly clock = createFakeClock();
  private readonly random = plainRandom();
  private epochIndex = 0;
  private head = 0;
  private oldest = 1;
  /** Everything ever published, `epoch:seq`, and whether the server had trimmed it, or was left and came back. */
  readonly published = new Map<string, 'kept' | 'trimmed' | 'epoch-over' | 'away' | 'returned'>();
  /** The log of the server that is not there. */
  private other = { head: 0, oldest: 1 };

  private sequencer: Sequencer;
  private sessions: { readonly id: number; flight: Message[] }[] = [];
  private nextSession = 1;
  private repairs: RepairRequest[] = [];
  private wantsReattach = false;

  private uncommitted: Delivery[] = [];
  readonly journal: DeliveredEvent[] = [];
  readonly gaps = new Map<string, Gap>();
  private stored: DeliveryCheckpoint | null = null;
  /** The first attach decides where the promise begins. */
  private began = false;
  private garbled = 0;

  constructor(private readonly limits: Partial<SequencerLimits>) {
    this.sequencer = this.start();
  }

  private get epoch(): string {
    return epochNames[this.epochIndex] ?? 'z';
  }

  play(move: Move): void {
    switch (move.do) {
      case 'publish':
        for (let made = 0; made < move.count; made++) this.publish();
        return;
      case 'carry':
        for (const session of this.sessions) this.carry(session, move.count);
        return;
      case 'drop':
      case 'duplicate':
      case 'swap':
      case 'garble':
        for (const session of this.sessions) this.disturb(session.flight, move.do, move.at);
        return;
      case 'wait':
        this.clock.advance(move.ms);
        return;
      case 'connect':
        if (this.sessions.length === 0) this.connect();
        return;
      case 'promote':
        if (this.sessions.length === 1 && this.began) this.connect();
        return;
      case 'switch':
        if (this.sessions.length === 2) this.end(0);
        return;
      case 'cut':
        while (this.sessions.length > 0) this.end(0);
        return;
      case 'commit':
        this.commit();
        return;
      case 'crash':
        this.sequencer.close();
        this.sessions = [];
        this.repairs = [];
        this.uncommitted = [];
        this.sequencer = this.start();
        return;
      case 'heartbeat':
        for (const session of this.sessions) {
          session.flight.push({ kind: 'heartbeat', stream: 's', epoch: this.epoch, head: this.head });
        }
        return;
      case 'answer':
        this.answer();
        return;
      case 'fail': {
        const request = this.repairs.shift();
        if (request) this.sequencer.repairFailed(request.ref, true);
        return;
      }
      case 'swallow':
        this.repairs.shift();
        return;
      case 'trim':
        while (this.oldest <= this.head - move.keep) {
          this.published.set(`${this.epoch}:${this.oldest}`, 'trimmed');
          this.oldest++;
        }
        return;
      case 'restartServer':
        if (this.epochIndex >= epochNames.length - 1) return;
        this.play({ do: 'cut' });
        for (const key of this.published.keys()) {
          if (key.startsWith(`${this.epoch}:`)) this.published.set(key, 'epoch-over');
        }
        this.epochIndex++;
        this.head = 0;
        this.oldest = 1;
        return;
      case 'otherServer':
        this.play({ do: 'cut' });
        this.swap();
        return;
    }
  }

  private swap(): void {
    const { head, oldest, other } = this;
    const [from, to] = [this.epoch, epochNames[1 - this.epochIndex]];
    for (const [key, state] of this.published) {
      if (key.startsWith(`${from}:`) && (state === 'kept' || state === 'returned')) this.published.set(key, 'away');
      if (key.startsWith(`${to}:`) && state === 'away') this.published.set(key, 'returned');
    }
    this.epochIndex = 1 - this.epochIndex;
    this.head = other.head;
    this.oldest = other.oldest;
    this.other = { head, oldest };
  }

  /** No more faults: a connection, answered repairs, heartbeats, time. */
  heal(): void {
    this.play({ do: 'cut' });
    for (let round = 0; round < 400; round++) {
      if (this.sessions.length === 0) this.connect();
      if (round % 10 === 0) this.play({ do: 'heartbeat' });
      this.play({ do: 'carry', count: 1_000 });
      while (this.repairs.length > 0) this.answer();
      this.play({ do: 'carry', count: 1_000 });
      if (this.wantsReattach) {
        this.wantsReattach = false;
        this.play({ do: 'cut' });
      }
      this.clock.advance(500);
      const quiet = this.clock.pending() === 0 && this.repairs.length === 0 && this.sessions.length > 0;
      if (quiet && round % 10 === 5) break;
    }
    this.commit();
  }

  counters(): Sequencer['counters'] {
    return this.sequencer.counters;
  }

  close(): void {
    this.sequencer.close();
  }

  private start(): Sequencer {
    const open = [...this.gaps.values()].filter((gap) => gap.status === 'open');
    return createSequencer(
      {
        facts: { numbering: 'contiguous', uniqueIds: false, resumable: true },
        clock: this.clock,
        random: this.random,
        limits: this.limits,
        // As the journal restores it: gaps come from their own table.
        restored: this.stored === null ? null : { ...this.stored, openGaps: open },
      },
      {
        onDelivery: (delivery) => this.uncommitted.push(delivery),
        onRepair: (request) => this.repairs.push(request),
        onRepairEnded: (ref) => {
          this.repairs = this.repairs.filter((request) => request.ref !== ref);
        },
        onReattach: () => {
          this.wantsReattach = true;
        },
        onLook: () => undefined,
        onChanged: () => undefined,
        onSnapshotWanted: () => undefined,
        onCaughtUp: () => undefined,
        onEpochChanged: () => undefined,
        onDiagnosis: () => undefined,
      },
    );
  }

  private publish(): void {
    this.head++;
    this.published.set(`${this.epoch}:${this.head}`, this.began ? 'kept' : 'epoch-over');
    for (const session of this.sessions) session.flight.push(this.message(this.head));
  }

  private message(seq: number): Message {
    return { kind: 'event', event: event(seq, { epoch: this.epoch }) };
  }

  private connect(): void {
    const session = { id: this.nextSession++, flight: [] as Message[] };
    const cursor = this.sequencer.resumePoint().positions.s ?? null;
    let from = this.head;
    if (cursor !== null) {
      const other = cursor.epoch !== this.epoch;
      if (!other) from = Math.max(cursor.seq, this.oldest - 1);
      if (other || from > cursor.seq) {
        session.flight.push({
          kind: 'cannot-resume',
          stream: 's',
          epoch: this.epoch,
          cause: other ? 'epoch-changed' : 'retention',
          requested: cursor,
          oldest: this.oldest,
          head: this.head,
        });
      }
    } else if (!this.began) {
      // Nothing is promised before the first attach arrives; the run begins with one that does.
      for (const key of this.published.keys()) this.published.set(key, 'epoch-over');
    }
    session.flight.push({
      kind: 'attached',
      attachment: { stream: 's', epoch: this.epoch, from, head: this.head },
    });
    for (let seq = from + 1; seq <= this.head; seq++) session.flight.push(this.message(seq));
    this.sessions.push(session);
    this.sequencer.sessionOpened(session.id);
    if (!this.began) {
      this.began = true;
      this.carry(session, 1_000);
      this.commit();
    }
  }

  private end(index: number): void {
    const [session] = this.sessions.splice(index, 1);
    if (!session) return;
    this.sequencer.sessionEnded(session.id);
    this.sequencer.flush();
    if (this.sessions.length === 0) this.repairs = [];
  }

  private disturb(flight: Message[], how: 'drop' | 'duplicate' | 'swap' | 'garble', at: number): void {
    if (flight.length === 0) return;
    const index = at % flight.length;
    const message = flight[index];
    const next = flight[index + 1];
    if (message === undefined) return;
    // A frame of the opening cannot vanish alone: what carries frames keeps or loses a connection's beginning whole.
    const opening = message.kind === 'attached' || message.kind === 'cannot-resume';
    if (how === 'duplicate') flight.splice(index, 0, message);
    else if (how === 'drop' && !opening) flight.splice(index, 1);
    // A number damaged three times over counts as unreadable, so a run damages fewer.
    else if (how === 'garble' && !opening && this.garbled++ < 2)
      flight[index] = { kind: 'undecodable', why: 'cut', stream: null, position: null };
    else if (how === 'swap' && next !== undefined && !opening) {
      flight[index] = next;
      flight[index + 1] = message;
    }
  }

  private carry(session: { readonly id: number; flight: Message[] }, count: number): void {
    for (const message of session.flight.splice(0, count)) {
      switch (message.kind) {
        case 'attached':
          this.sequencer.attached(session.id, message.attachment);
          break;
        case 'event':
          this.sequencer.event(session.id, message.event);
          break;
        case 'cannot-resume':
          this.sequencer.cannotResume(session.id, message);
          break;
        case 'heartbeat':
          this.sequencer.heartbeat(session.id, message.stream, message.epoch, message.head);
          break;
        case 'undecodable':
          this.sequencer.undecodable(session.id, message);
          break;
        case 'replayed':
          this.sequencer.replayed(session.id, message);
          break;
        default:
          throw new Error(`not in this world: ${message.kind}`);
      }
    }
    this.sequencer.flush();
  }

  /** Answers the oldest repair over the newest socket, behind what is in flight there. */
  private answer(): void {
    const request = this.repairs.shift();
    const session = this.sessions.at(-1);
    if (!request || !session) return;
    const after = request.after.seq;
    const same = request.after.epoch === this.epoch;
    for (let seq = Math.max(after + 1, this.oldest); same && seq <= Math.min(request.to, this.head); seq++) {
      session.flight.push(this.message(seq));
    }
    session.flight.push({
      kind: 'replayed',
      ref: request.ref,
      stream: 's',
      epoch: this.epoch,
      after,
      to: request.to,
      missing: same && after + 1 < this.oldest,
      oldest: this.oldest,
    });
  }

  private commit(): void {
    for (const step of this.uncommitted) {
      this.journal.push(...step.events);
      for (const gap of step.gaps) this.gaps.set(gap.id, gap);
      this.stored = applyStep(this.stored, step.checkpoint);
    }
    this.uncommitted = [];
  }
}
