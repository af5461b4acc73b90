import type { Clock, Timer } from '../core/clock';
import type { RecordedLine } from './format';

/** Slowest and fastest, times the recorded pace. */
export const speeds = { min: 0.1, max: 100 } as const;

/** A recording being read from its beginning. */
export interface LineReader {
  /** The lines that follow, a handful at a time; null at the end. Rejects with a RecordingError. */
  next(): Promise<readonly RecordedLine[] | null>;
  close(): void;
}

export interface PlayerDeps {
  readonly clock: Clock;
  /** Opens the recording anew at its first line after the header. */
  open(): LineReader;
  /** Times the recorded pace, within `speeds`. */
  readonly speed: number;
}

export interface PlayerSink {
  /** Lines that are due, in order. */
  onLines(lines: readonly RecordedLine[]): void;
  /** What was played so far is void: what follows begins at `at` (recorded time, epoch ms). */
  onSeek(at: number): void;
  /** Everything was played. `whole` is false when the file has no end line: it was cut off. */
  onEnd(whole: boolean): void;
  /** The file cannot be read on. */
  onError(error: unknown): void;
}

export type PlayerState = 'playing' | 'paused' | 'ended';

/**
 * Plays a recording at a chosen pace. Memory holds one handful of lines; seeking back reads the file from its
 * beginning. Nothing is played before `play` or `step`.
 */
export interface Player {
  play(): void;
  pause(): void;
  /** Plays up to and including the next event, however long it was in coming, and stays paused. */
  step(): void;
  /** Goes to a recorded time (epoch ms): what comes next is the first line at or after it. Goes on playing, or stays paused. */
  seek(at: number): void;
  setSpeed(speed: number): void;
  state(): PlayerState;
  /** Recorded time reached, epoch ms; null before the first line. */
  position(): number | null;
  speed(): number;
  close(): void;
}

/** Longest run of lines handed over at once, so that a hundredfold pace leaves room for others. */
const longestRun = 2_000;

/** See `Player`. @throws RangeError for a speed outside `speeds` */
export function createPlayer({ clock, open, speed: initial }: PlayerDeps, sink: PlayerSink): Player {
  let speed = checked(initial);
  let state: PlayerState = 'paused';
  let reader: LineReader | null = null;
  let buffer: readonly RecordedLine[] = [];
  let index = 0;
  let timer: Timer | null = null;
  /** Grows with every seek and close: what was asked of an older reader is dropped when it answers. */
  let generation = 0;
  let reading = false;
  let whole = false;
  let stepping = false;
  /** Lines before it are passed over; null = none. */
  let seekTo: number | null = null;
  /** Recorded time that stood at monotonic time `since` on; null until the first line is due. */
  let anchor: { readonly at: number; readonly since: number } | null = null;
  let reached: number | null = null;

  function recordedNow(): number | null {
    if (anchor === null) return reached;
    return state === 'playing' ? anchor.at + (clock.now() - anchor.since) * speed : anchor.at;
  }

  /** Time goes on (or stands) from here. */
  function setAnchor(at: number | null): void {
    anchor = at === null ? null : { at, since: clock.now() };
  }

  function read(): void {
    if (reading) return;
    reading = true;
    const asked = generation;
    reader ??= open();
    reader.next().then(
      (lines) => {
        if (asked !== generation) return;
        reading = false;
        if (lines === null) finish();
        else {
          buffer = lines;
          index = 0;
          pump();
        }
      },
      (error: unknown) => {
        if (asked !== generation) return;
        reading = false;
        state = 'ended';
        sink.onError(error);
      },
    );
  }

  function finish(): void {
    state = 'ended';
    stepping = false;
    setAnchor(null);
    sink.onEnd(whole);
  }

  /** Hands over what is due, then waits for the next line or reads on. */
  function pump(): void {
    timer?.cancel();
    timer = null;
    if (state === 'ended' || (state === 'paused' && !stepping)) return;
    const due: RecordedLine[] = [];
    let wait: number | null = null;
    for (let line = buffer[index]; line && due.length < longestRun; line = buffer[index]) {
      if (seekTo !== null && line.at < seekTo) {
        if (line.kind === 'end') whole = true;
        index += 1;
        continue;
      }
      seekTo = null;
      if (!stepping) {
        if (anchor === null) setAnchor(line.at);
        // A clock that was set back while recording must not hold anything up.
        wait = (line.at - (recordedNow() ?? line.at)) / speed;
        if (wait > 0) break;
        wait = null;
      }
      index += 1;
      reached = Math.max(reached ?? line.at, line.at);
      if (line.kind === 'end') whole = true;
      else due.push(line);
      if (stepping && line.kind === 'event') {
        stepping = false;
        setAnchor(reached);
        break;
      }
    }
    const asked = generation;
    if (due.length > 0) sink.onLines(due);
    // The sink may have sought, paused or closed.
    if (asked !== generation || (state === 'paused' && !stepping)) return;
    if (wait !== null) timer = clock.after(wait, pump);
    else if (index < buffer.length) timer = clock.after(0, pump);
    else read();
  }

  function restart(): void {
    generation += 1;
    reader?.close();
    reader = null;
    reading = false;
    buffer = [];
    index = 0;
    whole = false;
  }

  return {
    play() {
      if (state !== 'paused') return;
      setAnchor(recordedNow());
      state = 'playing';
      stepping = false;
      pump();
    },
    pause() {
      if (state !== 'playing') return;
      setAnchor(recordedNow());
      state = 'paused';
      timer?.cancel();
      timer = null;
    },
    step() {
      if (state === 'ended') return;
      if (state === 'playing') setAnchor(recordedNow());
      state = 'paused';
      stepping = true;
      pump();
    },
    seek(at) {
      restart();
      timer?.cancel();
      timer = null;
      seekTo = at;
      reached = at;
      setAnchor(at);
      if (state === 'ended') state = 'paused';
      stepping = false;
      sink.onSeek(at);
      pump();
    },
    setSpeed(next) {
      const now = recordedNow();
      speed = checked(next);
      setAnchor(now);
      pump();
    },
    state: () => state,
    position: () => (state === 'ended' ? reached : recordedNow()),
    speed: () => speed,
    close() {
      restart();
      timer?.cancel();
      timer = null;
      state = 'ended';
    },
  };
}

function checked(speed: number): number {
  if (speed >= speeds.min && speed <= speeds.max) return speed;
  throw new RangeError(`A recording plays at ${speeds.min} to ${speeds.max} times its pace, not ${speed}.`);
}
