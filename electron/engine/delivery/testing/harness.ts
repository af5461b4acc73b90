import type { Gap } from '../../../../shared/gap';
import type { DeliveredEvent, Delivery, DeliveryCheckpoint } from '../../core/delivery';
import type { DecodedEvent } from '../../core/protocol';
import type { Random } from '../../core/random';
import { createFakeClock, type FakeClock } from '../../simulation/fake-clock';
import type { SequencerLimits } from '../limits';
import type { RepairRequest } from '../repair';
import {
  createSequencer,
  type DeliveryDiagnosis,
  type EpochChange,
  type ProtocolFacts,
  type ReattachReason,
  type Sequencer,
} from '../sequencer';
import { applyStep } from './apply-step';

export const contiguous: ProtocolFacts = { numbering: 'contiguous', uniqueIds: false, resumable: true };
export const unnumbered: ProtocolFacts = { numbering: 'none', uniqueIds: false, resumable: false };

export function event(
  seq: number | null,
  change: Partial<DecodedEvent> & { readonly epoch?: string } = {},
): DecodedEvent {
  const { epoch = 'a', ...rest } = change;
  const body = rest.body ?? `{"n":${seq ?? 0}}`;
  return {
    stream: 's',
    position: seq === null ? null : { epoch, seq },
    id: null,
    type: 'tick',
    sentAt: null,
    receivedAt: 0,
    body,
    bytes: body.length,
    value: undefined,
    ...rest,
  };
}

/** Counts up; `next` is always one half, so that every wait is known. */
export function plainRandom(prefix = 'id'): Random {
  let made = 0;
  return { next: () => 0.5, id: () => `${prefix}${made++}` };
}

/** A sequencer with everything it ever said. */
export interface Rig {
  readonly sequencer: Sequencer;
  readonly clock: FakeClock;
  readonly steps: Delivery[];
  readonly repairs: RepairRequest[];
  readonly ended: string[];
  readonly reattaches: ReattachReason[];
  readonly looks: number[];
  readonly snapshots: string[];
  readonly caughtUp: number[];
  readonly epochs: EpochChange[];
  readonly diagnoses: DeliveryDiagnosis[];
  /** How often the newest diagnosis was taken back. */
  readonly takenBack: number;
  events(): readonly DeliveredEvent[];
  /** Numbers delivered, in order of delivery; late ones negative. */
  numbers(): readonly number[];
  /** Newest form of every gap, as `from-to status cause`. */
  gaps(): readonly string[];
  /** All steps so far, applied to what it began with. */
  checkpoint(): DeliveryCheckpoint | null;
  /** Feeds numbers of the first epoch and flushes. */
  feed(session: number, ...seqs: readonly number[]): void;
}

export function rig(
  options: {
    readonly facts?: ProtocolFacts;
    readonly limits?: Partial<SequencerLimits>;
    readonly restored?: DeliveryCheckpoint | null;
    readonly clock?: FakeClock;
    readonly random?: Random;
  } = {},
): Rig {
  const clock = options.clock ?? createFakeClock();
  const steps: Delivery[] = [];
  const repairs: RepairRequest[] = [];
  const ended: string[] = [];
  const reattaches: ReattachReason[] = [];
  const looks: number[] = [];
  const snapshots: string[] = [];
  const caughtUp: number[] = [];
  const epochs: EpochChange[] = [];
  const diagnoses: DeliveryDiagnosis[] = [];
  let takenBack = 0;
  const sequencer = createSequencer(
    {
      facts: options.facts ?? contiguous,
      clock,
      random: options.random ?? plainRandom(),
      restored: options.restored ?? null,
      ...(options.limits ? { limits: options.limits } : {}),
    },
    {
      onDelivery: (delivery) => steps.push(delivery),
      onRepair: (request) => repairs.push(request),
      onRepairEnded: (ref) => ended.push(ref),
      onReattach: (reason) => reattaches.push(reason),
      onLook: (session) => looks.push(session),
      onChanged: () => undefined,
      onSnapshotWanted: (stream) => snapshots.push(stream),
      onCaughtUp: (session) => caughtUp.push(session),
      onEpochChanged: (change) => epochs.push(change),
      onDiagnosis(diagnosis) {
        if (diagnosis === null) takenBack += 1;
        else diagnoses.push(diagnosis);
      },
    },
  );
  const events = (): readonly DeliveredEvent[] => steps.flatMap((step) => step.events);
  return {
    sequencer,
    clock,
    steps,
    repairs,
    ended,
    reattaches,
    looks,
    snapshots,
    caughtUp,
    epochs,
    diagnoses,
    get takenBack() {
      return takenBack;
    },
    events,
    numbers: () => events().map((each) => (each.position?.seq ?? 0) * (each.late ? -1 : 1)),
    gaps: () => {
      const newest = new Map<string, Gap>();
      for (const gap of steps.flatMap((step) => step.gaps)) newest.set(gap.id, gap);
      return [...newest.values()].map((gap) => `${gap.epoch}:${gap.from}-${gap.to ?? '?'} ${gap.status} ${gap.cause}`);
    },
    checkpoint: () => checkpointAfter(steps, options.restored ?? null),
    feed(session, ...seqs) {
      for (const seq of seqs) sequencer.event(session, event(seq));
      sequencer.flush();
    },
  };
}

/** What a restart finds after these steps: positions and keys by steps, open gaps from their own table. */
export function checkpointAfter(
  steps: readonly Delivery[],
  restored: DeliveryCheckpoint | null = null,
): DeliveryCheckpoint | null {
  const open = new Map((restored?.openGaps ?? []).map((gap) => [gap.id, gap] as const));
  for (const gap of steps.flatMap((step) => step.gaps)) {
    if (gap.status === 'open') open.set(gap.id, gap);
    else open.delete(gap.id);
  }
  const last = steps.reduce<DeliveryCheckpoint | null>((before, step) => applyStep(before, step.checkpoint), restored);
  return last && { ...last, openGaps: [...open.values()] };
}

/** Attaches session 1 to stream `s` of epoch `a` after `from`. */
export function attach(target: Rig, from: number, head: number | null = from, session = 1, epoch = 'a'): void {
  target.sequencer.attached(session, { stream: 's', epoch, from, head });
  target.sequencer.flush();
}

/** `1, 2, … to` */
export function upTo(to: number, from = 1): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
