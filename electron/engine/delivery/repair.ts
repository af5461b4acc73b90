import { type Clock, deadline, type Timer } from '../core/clock';
import type { Random } from '../core/random';
import { uniform } from '../core/random';
import type { SequencerLimits } from './limits';
import type { StreamSequencer } from './stream-sequencer';

/** A range to be asked for again: events after `after` up to and including `to`. */
export interface RepairRequest {
  readonly ref: string;
  readonly stream: string;
  readonly after: { readonly epoch: string; readonly seq: number };
  readonly to: number;
}

interface Running {
  readonly request: RepairRequest;
  readonly stream: StreamSequencer;
  /** The stream's progress when it was asked. */
  progress: number;
  /** What arrived meanwhile, could not be decoded and named no number. */
  undecodable: number;
  timer: Timer;
}

/** What repairs need from outside. */
export interface RepairCalls {
  ask(request: RepairRequest): void;
  /** A running one is no longer wanted. */
  ended(ref: string): void;
  /** Something became due. */
  wake(): void;
  /** A session is there to be asked. */
  reachable(): boolean;
}

/** Those that wait are looked through this often at most, ms. */
const shortestMs = 20;

interface Pace {
  attempts: number;
  /** Monotonic ms; not asked again before. */
  notBefore: number;
}

/**
 * Asks for missing ranges again: one repair per stream, a few per source, and after one that brought nothing
 * a growing, jittered wait (design.md, *Backoff*), so that a server that cannot answer is not asked in a loop.
 */
export class Repairs {
  private readonly running = new Map<string, Running>();
  private readonly busy = new Set<StreamSequencer>();
  /** To be asked as soon as there is room. */
  private readonly wanting = new Set<StreamSequencer>();
  /** To be asked later, each at its own time. */
  private readonly later = new Set<StreamSequencer>();
  private readonly paces = new Map<StreamSequencer, Pace>();
  private timer: Timer | null = null;
  /** Monotonic ms. */
  private timerAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly limits: SequencerLimits,
    private readonly calls: RepairCalls,
  ) {}

  want(stream: StreamSequencer): void {
    this.wanting.add(stream);
  }

  isBusy(stream: StreamSequencer): boolean {
    return this.busy.has(stream);
  }

  get(ref: string): Running | null {
    return this.running.get(ref) ?? null;
  }

  /** Asks for what is wanted and due. Called outside of any input, since `ask` may answer at once. */
  pump(): void {
    if (this.wanting.size === 0 || !this.calls.reachable()) return;
    const now = this.clock.now();
    // One that is begun may be answered at once and want more: it comes again at the end.
    for (const stream of this.wanting) {
      if (this.running.size >= this.limits.repairsInFlight) break;
      this.wanting.delete(stream);
      // It wants again when its repair is over.
      if (this.busy.has(stream)) continue;
      if (this.dueAt(stream) <= now) this.start(stream);
      else this.postpone(stream);
    }
  }

  private postpone(stream: StreamSequencer): void {
    this.later.add(stream);
    const at = this.dueAt(stream);
    if (this.timer === null || at < this.timerAt) this.arm(at);
  }

  private dueAt(stream: StreamSequencer): number {
    return this.paces.get(stream)?.notBefore ?? 0;
  }

  private arm(at: number): void {
    this.timer?.cancel();
    this.timerAt = at;
    this.timer = this.clock.after(Math.max(shortestMs, at - this.clock.now()), () => {
      this.timer = null;
      const now = this.clock.now();
      let next = Number.POSITIVE_INFINITY;
      for (const stream of this.later) {
        const due = this.dueAt(stream);
        if (due <= now) {
          this.later.delete(stream);
          this.wanting.add(stream);
        } else if (due < next) next = due;
      }
      if (next !== Number.POSITIVE_INFINITY) this.arm(next);
      this.calls.wake();
    });
  }

  /** Something undecodable without a number arrived: it may be what a running repair asked for. */
  noteUndecodable(stream: string | null): void {
    for (const repair of this.running.values()) {
      if (stream === null || repair.stream.name === stream) repair.undecodable++;
    }
  }

  /** A repair is over. True when it brought something. Otherwise the next one waits. */
  finish(ref: string, brought: boolean): void {
    const repair = this.running.get(ref);
    if (repair === undefined) return;
    this.drop(repair);
    if (brought || repair.stream.progress !== repair.progress) {
      this.paces.delete(repair.stream);
      repair.stream.continueAsking();
      return;
    }
    const attempts = (this.paces.get(repair.stream)?.attempts ?? 0) + 1;
    const cap = Math.min(this.limits.repairMaxMs, 1000 * 2 ** Math.min(attempts - 1, 16));
    const wait = uniform(this.random, this.limits.repairMinMs, Math.max(this.limits.repairMinMs, cap));
    this.paces.set(repair.stream, { attempts, notBefore: this.clock.now() + wait });
    this.want(repair.stream);
  }

  /** Ends what runs for a stream (or for all) without a verdict: its epoch is over, or no session is left to ask. */
  cancel(stream: StreamSequencer | null): void {
    for (const repair of [...this.running.values()]) {
      if (stream !== null && repair.stream !== stream) continue;
      this.drop(repair);
      this.calls.ended(repair.request.ref);
      this.want(repair.stream);
    }
    if (stream !== null) {
      this.paces.delete(stream);
      return;
    }
    for (const each of this.later) this.wanting.add(each);
    this.later.clear();
    this.timer?.cancel();
    this.timer = null;
  }

  private start(stream: StreamSequencer): void {
    const range = stream.wanted();
    if (range === null || stream.epoch === null) {
      this.paces.delete(stream);
      return;
    }
    const request: RepairRequest = {
      ref: this.random.id(),
      stream: stream.name,
      after: { epoch: stream.epoch, seq: range.after },
      to: range.to,
    };
    const repair: Running = {
      request,
      stream,
      progress: stream.progress,
      undecodable: 0,
      timer: this.watch(request.ref, stream.progress),
    };
    this.running.set(request.ref, repair);
    this.busy.add(stream);
    stream.repairsAsked++;
    this.calls.ask(request);
  }

  /** A long answer is fine as long as it brings something; silence is not. */
  private watch(ref: string, progress: number): Timer {
    return deadline(this.clock, this.limits.repairTimeoutMs, () => {
      const repair = this.running.get(ref);
      if (repair === undefined) return;
      if (repair.stream.progress !== progress) {
        repair.timer = this.watch(ref, repair.stream.progress);
        return;
      }
      this.calls.ended(ref);
      this.finish(ref, false);
      this.calls.wake();
    });
  }

  private drop(repair: Running): void {
    repair.timer.cancel();
    this.running.delete(repair.request.ref);
    this.busy.delete(repair.stream);
  }
}
