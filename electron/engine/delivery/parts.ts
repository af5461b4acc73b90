import type { DecodedEvent, Message } from '../core/protocol';
import { Adoption } from './adoption';
import { Breaks } from './breaks';
import { CheckpointBuilder } from './checkpoint';
import type { ProtocolFacts, SequencerDeps, SequencerSink } from './contract';
import { type DeliveryCounters, emptyCounters } from './counters';
import { RecentKeys } from './dedupe';
import { EpochMemory } from './epochs';
import { type SequencerLimits, sequencerLimits } from './limits';
import { Notices } from './notices';
import { Oversize } from './oversize';
import { RecentBodies } from './recent-bodies';
import { WindowBudget } from './reorder-window';
import { Repairs } from './repair';
import { RepairAnswers } from './repair-answers';
import { type NewestPlace, ResumeProof } from './resume-proof';
import { Sessions } from './sessions';
import { Step } from './step';
import type { StreamContext, StreamSequencer } from './stream-sequencer';
import { Streams } from './streams';
import { Tokens } from './tokens';
import { Unnumbered } from './unnumbered';
import { Waits } from './waits';

/** What the parts call back into. */
export interface PartsCalls {
  flush(): void;
  event(session: number, event: DecodedEvent): void;
  undecodable(session: number, message: Extract<Message, { readonly kind: 'undecodable' }>): void;
  contradicted(session: number, newest: NewestPlace | null): void;
}

/** The parts of a sequencer, each of which keeps one thing. */
export interface Parts {
  readonly facts: ProtocolFacts;
  readonly limits: SequencerLimits;
  readonly counters: DeliveryCounters;
  readonly step: Step;
  readonly streams: Streams;
  readonly unsettled: ReadonlySet<StreamSequencer>;
  readonly waits: Waits;
  readonly sessions: Sessions;
  readonly keys: RecentKeys;
  readonly bodies: RecentBodies;
  readonly tokens: Tokens;
  readonly epochs: EpochMemory;
  readonly checkpoints: CheckpointBuilder;
  readonly notices: Notices;
  readonly repairs: Repairs;
  readonly answers: RepairAnswers;
  readonly adoption: Adoption;
  readonly breaks: Breaks;
  readonly proof: ResumeProof;
  readonly oversize: Oversize;
  readonly unnumbered: Unnumbered;
}

/** Makes the parts and lets them know each other. What was stored is taken up. */
export function composeParts(deps: SequencerDeps, sink: SequencerSink, calls: PartsCalls): Parts {
  const { clock, random, facts, restored } = deps;
  const contiguous = facts.numbering === 'contiguous';
  const limits: SequencerLimits = { ...sequencerLimits, ...deps.limits };
  const counters = emptyCounters();
  const step = new Step(counters, restored?.nextOrdinal ?? 1);
  const sessions = new Sessions();
  const keys = new RecentKeys(facts.uniqueIds, limits.recentKeys, restored?.recentKeys ?? []);
  const bodies = new RecentBodies();
  const tokens = new Tokens(restored?.resume.token ?? null);
  const epochs = new EpochMemory(limits.pastEpochs, restored?.pastEpochs ?? []);
  const notices = new Notices(sink, clock, sessions, limits.epochReturnMs);
  const waits = new Waits(clock, limits.reorderMs / 10, calls.flush);
  const unsettled = new Set<StreamSequencer>();
  const repairs = new Repairs(clock, random, limits, {
    ask: (request) => {
      counters.repairs++;
      sink.onRepair(request);
    },
    ended: (ref) => notices.repairEnded(ref),
    wake: calls.flush,
    reachable: () => sessions.anyHeard,
  });
  const context: StreamContext = {
    contiguous,
    resumable: facts.resumable,
    clock,
    random,
    limits,
    counters,
    step,
    budget: new WindowBudget(limits.windowEvents, limits.windowBytes),
    waits,
    unsettled,
    sessions: () => sessions.size,
    wants: (stream) => repairs.want(stream),
    touched: (stream) => checkpoints.touch(stream),
  };
  const streams = new Streams(limits, counters, context, {
    touched: (stream) => checkpoints.touch(stream),
    tooMany: () => notices.diagnose({ kind: 'too-many-streams', limit: limits.streams }),
    over: (gap) => step.gapChanged({ ...gap, status: 'lost', cause: 'epoch-changed', closedAt: clock.wall() }),
  });
  const checkpoints = new CheckpointBuilder(streams.all, tokens, keys, epochs);
  const breaks = new Breaks(clock, random, step, counters, !contiguous && restored !== null);
  const proof = new ResumeProof(clock, limits, {
    compare: (a, b) => facts.comparePlaces?.(a, b) ?? null,
    // Who numbers its events, or knows which id is which event, finds what is missing by itself.
    goesOn: (place, asked) =>
      facts.numbering !== 'none' || facts.uniqueIds || (isNext(place, asked) && !keys.habits.shared),
    unprovenBreaks: (by) => {
      counters.resumesUnproven += by;
    },
    look(session) {
      notices.look(session);
      calls.flush();
    },
    contradicted: calls.contradicted,
    silent() {
      notices.reattach({ kind: 'resume-silent' });
      calls.flush();
    },
    changed: () => notices.changed(),
  });
  const oversize = new Oversize({
    facts,
    streams,
    sessions,
    tokens,
    breaks,
    step,
    touched: (stream) => checkpoints.touch(stream),
  });
  const parts: Parts = {
    facts,
    limits,
    counters,
    step,
    streams,
    unsettled,
    waits,
    sessions,
    keys,
    bodies,
    tokens,
    epochs,
    checkpoints,
    notices,
    repairs,
    answers: new RepairAnswers({
      repairs,
      sessions,
      notices,
      limits,
      counters,
      event: calls.event,
      undecodable: calls.undecodable,
    }),
    adoption: new Adoption({
      clock,
      limits,
      repairs,
      notices,
      epochs,
      bodies,
      contiguous,
      fetchable: contiguous && facts.resumable,
    }),
    breaks,
    proof,
    oversize,
    unnumbered: new Unnumbered({
      clock,
      random,
      facts,
      step,
      counters,
      keys,
      breaks,
      proof,
      oversize,
      sessions,
      notices,
      resumable: () => facts.resumable || tokens.current !== null || oversize.givenUp !== null,
    }),
  };
  if (restored !== null) {
    streams.restore(restored, (stream) => {
      checkpoints.touch(stream);
      repairs.want(stream);
    });
  }
  return parts;
}

/** Whether an id is the next whole number behind another. */
function isNext(place: string, asked: string): boolean {
  return wholeNumber.test(place) && wholeNumber.test(asked) && BigInt(place) === BigInt(asked) + 1n;
}

const wholeNumber = /^\d{1,40}$/;
