import { parseArgs } from 'node:util';
import { speeds } from '../engine/recording/player';

export interface ReplayOptions {
  readonly file: string;
  readonly speed: number;
  readonly json: boolean;
  /** Begin at this recorded time, epoch ms, or so many seconds into the recording. */
  readonly seek:
    | { readonly kind: 'time'; readonly at: number }
    | { readonly kind: 'seconds'; readonly in: number }
    | null;
  /** Waits for the space bar, or for a line to step. */
  readonly paused: boolean;
}

export const replayUsage = `Usage: npm run replay -- FILE [--speed ${speeds.min}..${speeds.max}] [--from TIME|SECONDS] [--paused] [--json]

Plays a recording (docs/recordings.md) at its own pace, or slower, or faster.
  --speed X       times the recorded pace (default 1)
  --from          a time as in 2026-03-01T08:00:00Z, or seconds into the recording
  --paused        begin paused
  --json          one JSON object a line: the recording's own lines, then {"kind":"end",…}
Keys in a terminal: space pauses and goes on · s or → plays one event · ← and PageDown go 10 s back and on ·
+ and - double and halve the pace · q ends.
Exit codes: 0 played to its end, 1 it cannot be read, 2 it was cut off, 64 wrong use.`;

/** Reads the arguments; a sentence about what is wrong and how to mend it otherwise. */
export function readReplayOptions(args: readonly string[]): ReplayOptions | { readonly error: string } | 'help' {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [file, ...rest] = positionals;
  if (file === undefined)
    return { error: 'The file is missing. Write it first, as in: npm run replay -- feed.jsonl.gz' };
  if (rest.length > 0) return { error: `One file only; "${rest.join(' ')}" is too much.` };
  const speed = Number(values.speed ?? 1);
  if (!(speed >= speeds.min && speed <= speeds.max)) {
    return { error: `--speed takes ${speeds.min} to ${speeds.max}, not "${values.speed}".` };
  }
  const seek = seekOf(values.from);
  if (seek === 'bad') return { error: '--from takes seconds, or a time with its zone, as in 2026-03-01T08:00:00Z.' };
  return { file, speed, json: values.json ?? false, seek, paused: values.paused ?? false };
}

function seekOf(text: string | undefined): ReplayOptions['seek'] | 'bad' {
  if (text === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return { kind: 'seconds', in: Number(text) };
  const at = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? 'bad' : { kind: 'time', at };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      speed: { type: 'string' },
      from: { type: 'string' },
      paused: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
