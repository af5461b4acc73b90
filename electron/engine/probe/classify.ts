import type { HttpHead, NetworkFailure } from '../core/network';
import { nchanBegins } from './event-stream-signs';
import { refusesSubprotocol } from './follow-up';
import { httpSigns } from './http-signs';
import { problemOf, tellingOf } from './problems';
import type { HttpSeen, Seen, SocketSeen } from './seen';
import { socketSigns } from './socket-signs';
import { streamSigns } from './stream-signs';
import type { Verdict } from './verdict';

export interface Classified {
  /** Best first. */
  readonly verdicts: readonly Verdict[];
  /** Why there is none; null where there is. */
  readonly problem: string | null;
  /** The failure that is the problem, where it is one below HTTP. */
  readonly failure: NetworkFailure | null;
  /** Of the answer that is the problem, where it is one; absent otherwise. */
  readonly head?: HttpHead;
}

/** A product that is likely is told before a form that is certain, and one that is guessed behind it. */
const ranks = { certain: 0, likely: 1, guess: 4 } as const;
const generalRanks = { certain: 2, likely: 3, guess: 5 } as const;

function rankOf({ confidence, general }: Verdict): number {
  return general ? generalRanks[confidence] : ranks[confidence];
}

/**
 * Judges what was seen, first look first. No I/O: the same facts give the same verdicts. `beside`: looks that are no reading
 * of the address, and may say why there is none.
 */
export function classify(seen: readonly Seen[], beside: readonly Seen[] = []): Classified {
  const found = seen
    .flatMap(signsOf)
    .map((one) => (confirmsNchan(one, seen) ? { ...one, confidence: 'certain' as const } : one));
  const ranked = [...found].sort((a, b) => rankOf(a) - rankOf(b));
  const verdicts = ranked.filter(({ title }, at) => ranked.findIndex((one) => one.title === title) === at);
  const sampled = verdicts.map((one) => withFrames(one, ranked));
  if (sampled.length > 0) return { verdicts: sampled, problem: null, failure: null };
  const told = tellingOf([...seen, ...beside]);
  const failure = told?.kind === 'failed' ? told.failure : null;
  return { verdicts: [], problem: problemOf(told), failure, ...(told?.kind === 'http' ? { head: told.head } : {}) };
}

/**
 * A server that chose nchan's subprotocol when it was offered alone may take any. It is nchan where its event stream began
 * as nchan's does, or where it did not take another that came first.
 */
function confirmsNchan({ protocol, ladder }: Verdict, seen: readonly Seen[]): boolean {
  if (protocol !== 'nchan' || ladder[0]?.transport !== 'websocket') return false;
  const stream = seen.some((one) => one.kind === 'http' && nchanBegins(one));
  return stream || seen.some(refusesSubprotocol);
}

/** What confirms a reading may have heard nothing itself: then what was heard before is its sample. */
function withFrames(one: Verdict, all: readonly Verdict[]): Verdict {
  const same = all.filter(({ title }) => title === one.title);
  // Of one transport everything that came, in its order.
  const other = same.find(({ frames }) => frames.length > 0);
  if (!other) return one;
  const [rung] = other.ladder;
  const frames = same.filter(({ ladder }) => ladder[0]?.transport === rung?.transport).flatMap((each) => each.frames);
  return { ...one, frames, sampled: rung ?? null };
}

function signsOf(seen: Seen): readonly Verdict[] {
  switch (seen.kind) {
    case 'http':
      return httpSigns(seen).map((one) => fromElsewhere(withAccept(one, seen), seen));
    case 'socket':
      return socketSigns(seen).map((one) => fromElsewhere(one, seen));
    case 'stream':
      return streamSigns(seen);
    case 'failed':
    case 'silent':
      return [];
  }
}

/** A server that gives this only to who asks for it has to be asked so again. */
function withAccept(found: Verdict, { accept }: HttpSeen): Verdict {
  return accept === undefined
    ? found
    : { ...found, accept, why: [...found.why, `It answers so where asked for ${accept}.`] };
}

/** Who answers from elsewhere may not be who was asked. */
function fromElsewhere(found: Verdict, { head }: HttpSeen | SocketSeen): Verdict {
  if (!head.elsewhere) return found;
  const confidence = found.confidence === 'certain' ? 'likely' : found.confidence;
  return { ...found, confidence, why: [...found.why, 'Another host answered: a redirect led there.'] };
}
