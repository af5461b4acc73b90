import type { AttachRequest, Transport, TransportOptions, TransportSession, TransportSink } from '../core/transport';

/**
 * Answers that can mean: not from there. 400, 410 and 422, a conflict, a failed precondition, a range that is not there;
 * and what a place that grew too long is answered with (413, 414, 431).
 */
const refusals: ReadonlySet<number> = new Set([400, 409, 410, 412, 413, 414, 416, 422, 431]);

export interface Attaching {
  /** The next request, from the newest place to resume from. */
  resuming(): AttachRequest;
  /** The same without any place. */
  fresh(): AttachRequest;
  /** A request was served without the place that it was refused with. */
  onDropped(): void;
}

/**
 * Opens a session. Where the first request is refused and carried a place to resume from, it is asked once without it: only
 * when that one is served was the place at fault. Otherwise the first refusal stands.
 */
export function openDroppingCursor(
  transport: Transport,
  attaching: Attaching,
  options: TransportOptions,
  sink: TransportSink,
): TransportSession {
  let earlierBytes = 0;
  let paused = false;
  let opened = false;
  let carried = false;

  const first = transport.open(
    () => {
      const request = attaching.resuming();
      if (!opened) carried = differs(request, attaching.fresh());
      return request;
    },
    options,
    {
      ...sink,
      onOpen(opening) {
        opened = true;
        sink.onOpen(opening);
      },
      onEnd(end) {
        if (opened || end.kind !== 'refused' || !carried || !refusals.has(end.head.status)) {
          sink.onEnd(end);
          return;
        }
        earlierBytes = first.bytesRead();
        let dropped = false;
        session = transport.open(() => (dropped ? attaching.resuming() : attaching.fresh()), options, {
          ...sink,
          onOpen(opening) {
            dropped = true;
            attaching.onDropped();
            sink.onOpen(opening);
          },
          onEnd: (second) => sink.onEnd(dropped ? second : end),
        });
        if (paused) session.pause();
      },
    },
  );
  let session = first;

  return {
    bytesRead: () => earlierBytes + session.bytesRead(),
    bytesQueued: () => session.bytesQueued(),
    ping: (flushed) => session.ping(flushed),
    send: (text, flushed) => session.send(text, flushed),
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

function differs(a: AttachRequest, b: AttachRequest): boolean {
  return a.url !== b.url || a.lastEventId !== b.lastEventId || JSON.stringify(a.headers) !== JSON.stringify(b.headers);
}
