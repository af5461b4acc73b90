import type { RungConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import { transportNames } from '../../../shared/transport';
import { defaultTiming, type Timing } from '../connection/timing';
import type { Clock, MonotonicMs } from '../core/clock';
import type { HttpHead } from '../core/network';
import { PlaceDoubt } from './cursor-drop';
import { OpenSilence } from './open-silence';

/** A live source that brings no event for so long, while something comes, says what comes, ms. */
const nothingMs = 120_000;
/** Silence before a burst of events that tells of a buffer, ms, and how many events a burst has. */
const burstSilenceMs = 5_000;
const burstEvents = 5;
const burstsNeeded = 3;
/** Attempts without an answer, compression offered, that tell of the same. */
const unansweredNeeded = 2;
/** One that lasted less was given up for another reason, ms. */
const unansweredMs = 5_000;

/** What a source shows of itself at the moment. */
export interface FindingsNow {
  readonly live: boolean;
  /** The connection suspects that something holds its events back. */
  readonly suspected: boolean;
  /** By how much the sender's clock runs ahead, ms; null where it does not. */
  readonly aheadMs: number | null;
  readonly undecodable: number;
  /** Series that the feed has and are not charted, and numbers that found no room. */
  readonly leftSeries: number;
  readonly refused: number;
  /** Requests offer compression. */
  readonly compression: boolean;
}

/** What is found out about a feed beside its events, and said in sentences. */
export interface Findings {
  /** The feed is what its protocol says: never doubted again in this run. */
  recognised: boolean;
  /** The rung where what was taken for our gateway spoke another language. */
  stranger: RungConfig | null;
  /** In which words it asks for a login, and says nothing else since; null where it does not. */
  loginAsked: string | null;
  /** Of what error it told since its last event, in its own words; null where it told of none. */
  error: string | null;
  /** Whether it says what is expected of it. */
  readonly silence: OpenSilence;
  /** Whether its place is what attempts fail over. */
  readonly placeDoubt: PlaceDoubt;
  opened(transport: TransportKind, head: HttpHead): void;
  /** An attempt begun then was given up before the head of an answer came. */
  unanswered(transport: TransportKind, since: MonotonicMs): void;
  frame(bytes: number): void;
  /** A comment, a ping, a heartbeat: life without news. */
  life(): void;
  /** Events were delivered. */
  news(undecodable: number): void;
  sentences(now: FindingsNow): readonly string[];
}

export function createFindings(
  clock: Clock,
  { unflushedMs }: Pick<Timing, 'unflushedMs'> = defaultTiming,
  silence = new OpenSilence(clock, false, null),
): Findings {
  let transport: TransportKind | null = null;
  let encoding: string | null = null;
  let elsewhere = false;
  let openedAt = 0;
  let newsAt = 0;
  let frameAt = 0;
  let turnFrames = 0;
  let bursts = 0;
  let heard = false;
  let unanswered = 0;
  // Since the last news.
  let frames = 0;
  let bytes = 0;
  let signs = 0;
  let undecodableThen = 0;

  return {
    recognised: false,
    stranger: null,
    loginAsked: null,
    error: null,
    silence,
    placeDoubt: new PlaceDoubt(),
    opened(kind, head) {
      if (transport === null) newsAt = clock.now();
      transport = kind;
      if (kind === 'sse') unanswered = 0;
      encoding = head.encoding ?? null;
      // The other rungs carry no messages.
      elsewhere = head.elsewhere === true && kind === 'websocket';
      openedAt = clock.now();
      frameAt = openedAt;
      heard = false;
      bursts = 0;
      turnFrames = 0;
    },
    unanswered(kind, since) {
      if (kind === 'sse' && clock.now() - since >= unansweredMs) unanswered += 1;
    },
    frame(size) {
      frames += 1;
      bytes += size;
      if (encoding === null) return;
      const now = clock.now();
      heard = true;
      turnFrames = now - frameAt >= burstSilenceMs ? 1 : turnFrames + 1;
      if (turnFrames === burstEvents && now - frameAt < 50) bursts += 1;
      frameAt = now;
    },
    life() {
      signs += 1;
      heard = true;
    },
    news(undecodable) {
      this.error = null;
      newsAt = clock.now();
      frames = 0;
      bytes = 0;
      signs = 0;
      undecodableThen = undecodable;
    },
    sentences({ live, suspected, aheadMs, undecodable, leftSeries, refused, compression }) {
      const said: string[] = [];
      if (aheadMs !== null) {
        said.push(
          `The sender's clock runs ahead by about ${Math.round(aheadMs / 1000)} s: how late its events are is unknown.`,
        );
      }
      if (leftSeries > 0) {
        said.push(`${leftSeries} further series are there and not charted: of each metric the greatest come first.`);
      }
      if (refused > 0) {
        said.push(`There are more series than are charted: ${refused} numbers were left out so far.`);
      }
      if (compression && unanswered >= unansweredNeeded) {
        said.push(
          'Compressed and not flushed: suspected. SSE is not answered at all while compression is offered: what compresses may hold back the head too. Switch off compression under Requests.',
        );
      }
      if (!live) return said;
      if (this.error !== null) said.push(`The feed told of an error, and of no event since: ${this.error}.`);
      if (elsewhere) {
        said.push(
          'The address leads on to another origin: events come from there, and messages are not sent there. Enter that address to send to it.',
        );
      }
      const now = clock.now();
      const silent = !heard && now - openedAt >= unflushedMs;
      if (transport === 'sse' && encoding !== null && (silent || suspected || bursts >= burstsNeeded)) {
        const how = silent ? 'nothing readable has come yet' : 'its events come in bursts';
        said.push(
          `Compressed and not flushed: suspected. The stream is compressed (${encoding}) and ${how}. Switch off compression under Requests, or let the server flush after each event.`,
        );
      }
      const unread = undecodable - undecodableThen;
      if (now - newsAt >= nothingMs && frames + signs + unread > 0) {
        const minutes = Math.floor((now - newsAt) / 60_000);
        said.push(`No event for ${minutes} min, though the feed speaks: ${listOf(signs, unread, frames, bytes)}.`);
      }
      return said;
    },
  };

  function listOf(lifeSigns: number, unread: number, all: number, size: number): string {
    const parts = [
      ...(lifeSigns > 0 ? [`${lifeSigns} ${lifeSigns === 1 ? 'sign' : 'signs'} of life`] : []),
      ...(unread > 0 ? [`${unread} ${unread === 1 ? 'message' : 'messages'} that cannot be read`] : []),
      ...(all > 0
        ? [`${all} ${all === 1 ? 'frame' : 'frames'} of ${size} bytes over ${transportNames[transport ?? 'poll']}`]
        : []),
    ];
    return parts.join(', ');
  }
}
