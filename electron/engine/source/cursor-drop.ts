import type { RungConfig } from '../../../shared/source';
import type {
  AttachRequest,
  Transport,
  TransportEnd,
  TransportOptions,
  TransportSession,
  TransportSink,
} from '../core/transport';

/**
 * Answers that can mean: not from there. 400, 410 and 422, a conflict, a failed precondition, a range that is not there;
 * and what a place that grew too long is answered with (413, 414, 431).
 */
const refusals: ReadonlySet<number> = new Set([400, 409, 410, 412, 413, 414, 416, 422, 431]);

/**
 * A server that cannot read a place may fail over it (500; 502 or 504 through a proxy), and so does one that is in trouble
 * for another reason: rounds of attempts tell them apart. After so many that failed with the place it is looked, in each, whether one without it is
 * served; the place is at fault once so many looks were.
 */
const failedRounds = 3;
const servedLooks = 3;

/** What the attempts of a source tell of its place, by rung. */
export class PlaceDoubt {
  private readonly rungs = new WeakMap<RungConfig, { failed: number; served: number }>();

  /** An attempt with the place failed; true where it is to be looked whether one without is served. */
  failed(rung: RungConfig): boolean {
    const known = this.rungs.get(rung) ?? { failed: 0, served: 0 };
    known.failed += 1;
    this.rungs.set(rung, known);
    return known.failed >= failedRounds;
  }

  /** A look was served; true where that is enough. */
  served(rung: RungConfig): boolean {
    const known = this.rungs.get(rung);
    if (!known) return false;
    known.served += 1;
    return known.served >= servedLooks;
  }

  /** The server is in trouble with or without a place, or takes it. */
  clear(rung: RungConfig): void {
    this.rungs.delete(rung);
  }
}

export interface Attaching {
  readonly rung: RungConfig;
  readonly doubt: PlaceDoubt;
  /** The next request, from the newest place to resume from, and whether it carries one. */
  resuming(): { readonly request: AttachRequest; readonly carries: () => boolean };
  /** The next one without any place. */
  fresh(): AttachRequest;
  /** A request was served without the place that it was refused with. */
  onDropped(): void;
}

/**
 * Opens a session. Where the first request is refused and carried a place to resume from, it is asked once without it: only
 * when that one is served was the place at fault. Otherwise the first refusal stands. Of one that fails (5xx) see
 * `PlaceDoubt`.
 */
export function openDroppingCursor(
  transport: Transport,
  attaching: Attaching,
  options: TransportOptions,
  sink: TransportSink,
): TransportSession {
  const { rung, doubt } = attaching;
  let earlierBytes = 0;
  let paused = false;
  let opened = false;
  let carried = false;

  const first = transport.open(
    () => {
      const { request, carries } = attaching.resuming();
      if (!opened) carried = carries();
      return request;
    },
    options,
    {
      ...sink,
      onOpen(opening) {
        opened = true;
        doubt.clear(rung);
        sink.onOpen(opening);
      },
      onEnd(end) {
        if (opened || end.kind !== 'refused' || !carried) sink.onEnd(end);
        else if (refusals.has(end.head.status)) askWithout(end);
        else if (failsOver(end) && doubt.failed(rung)) look(end);
        else sink.onEnd(end);
      },
    },
  );

  /** Only where this one is served was the place at fault. */
  function askWithout(refusal: TransportEnd): void {
    earlierBytes += session.bytesRead();
    let dropped = false;
    session = transport.open(() => (dropped ? attaching.resuming().request : attaching.fresh()), options, {
      ...sink,
      onOpen(opening) {
        dropped = true;
        attaching.onDropped();
        sink.onOpen(opening);
      },
      onEnd: (second) => sink.onEnd(dropped ? second : refusal),
    });
    if (paused) session.pause();
  }

  /** Whether one without the place is served; nothing of it is taken. */
  function look(failure: TransportEnd): void {
    earlierBytes += session.bytesRead();
    let over = false;
    const decide = (served: boolean): void => {
      if (over) return;
      over = true;
      session.destroy();
      if (!served) doubt.clear(rung);
      if (served && doubt.served(rung)) {
        doubt.clear(rung);
        askWithout(failure);
      } else sink.onEnd(failure);
    };
    session = transport.open(attaching.fresh, options, {
      onOpen: () => decide(true),
      onEnd: () => decide(false),
      onFrame() {},
      onFloor() {},
      onStream() {},
      onAnswer() {},
      onHeartbeat() {},
    });
  }

  let session = first;

  return {
    bytesRead: () => earlierBytes + session.bytesRead(),
    bytesQueued: () => session.bytesQueued(),
    ping: (flushed) => session.ping(flushed),
    send: (said, flushed, places) => session.send(said, flushed, places),
    askNow: () => session.askNow(),
    pause() {
      paused = true;
      session.pause();
    },
    resume() {
      paused = false;
      session.resume();
    },
    close: () => session.close(),
    destroy: () => session.destroy(),
  };
}

/** A failure that a place may cause; what names a time is in trouble of its own, and 511 is a portal on the way. */
function failsOver({ head, retryAfterMs }: Extract<TransportEnd, { readonly kind: 'refused' }>): boolean {
  return head.status >= 500 && head.status !== 503 && head.status !== 511 && retryAfterMs === null;
}
