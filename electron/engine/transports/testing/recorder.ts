import type { Frame } from '../../core/frame';
import type { TransportEnd, TransportSink } from '../../core/transport';

/** A sink that keeps everything it is told, for tests. */
export interface Recorder extends TransportSink {
  /** What happened, in order: `open`, `frame`, `answer`, `comment`, `ping`, `pong`, `floor`, `end`. */
  readonly log: string[];
  readonly frames: Frame[];
  readonly ends: TransportEnd[];
  readonly openings: Parameters<TransportSink['onOpen']>[0][];
  readonly floors: number[];
  readonly roundTrips: (number | null)[];
  /** Called for each frame after it was recorded. */
  react: (frame: Frame) => void;
  /** Resolves when `done` is true of what was recorded; throws after 5 s with what there is. */
  until(done: (recorder: Recorder) => boolean): Promise<void>;
}

export function createRecorder(): Recorder {
  const waiting = new Set<() => void>();
  const note = (what: string) => {
    recorder.log.push(what);
    for (const check of [...waiting]) check();
  };
  const recorder: Recorder = {
    log: [],
    frames: [],
    ends: [],
    openings: [],
    floors: [],
    roundTrips: [],
    react() {},
    onOpen(opening) {
      recorder.openings.push(opening);
      note('open');
    },
    onFrame(frame) {
      recorder.frames.push(frame);
      recorder.react(frame);
      note('frame');
    },
    onFloor(ms) {
      recorder.floors.push(ms);
      note('floor');
    },
    onStream() {
      recorder.log.push('stream');
    },
    onAnswer(roundTripMs) {
      recorder.roundTrips.push(roundTripMs);
      note('answer');
    },
    onHeartbeat: note,
    onEnd(end) {
      recorder.ends.push(end);
      note('end');
    },
    until(done) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (!done(recorder)) return;
          waiting.delete(check);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          const { log, ends } = recorder;
          reject(new Error(`Not within 5 s; so far ${log.slice(-20).join(' ')} ${JSON.stringify(ends)}`));
        }, 5000);
        waiting.add(check);
        check();
      });
    },
  };
  return recorder;
}
