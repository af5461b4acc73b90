import { parseArgs } from 'node:util';
import { type ProtocolName, protocolNames } from '../../shared/protocols';

export interface RecordOptions {
  /** An address to record from now on, or the name or id of a source whose journal is read. */
  readonly what: { readonly kind: 'url'; readonly url: string } | { readonly kind: 'source'; readonly source: string };
  readonly protocol: ProtocolName | 'auto';
  readonly out: string;
  /** Seconds; null = until Ctrl+C. */
  readonly seconds: number | null;
  /** Range of a source's history, epoch ms; null = from its beginning, to its end. */
  readonly from: number | null;
  readonly to: number | null;
  /** Folder of the application's settings and journal; null = where this system keeps it. */
  readonly userData: string | null;
}

export const recordUsage = `Usage: npm run record -- <url|source> --out FILE [--for SECONDS] [--protocol auto|${protocolNames.join('|')}]
                     [--from TIME] [--to TIME] [--user-data FOLDER]

Writes a recording: one compressed file, one JSON object a line (docs/recordings.md).
  <url>           http(s):// or ws(s)://: watched from now on, until Ctrl+C or for N seconds
  <source>        name or id of a source of the application: what its journal has, or a part of it
  --out FILE      must not be there yet
  --for N         end after N seconds (addresses only)
  --from, --to    as in 2026-03-01T08:00:00Z (sources only)
  --user-data     the application's folder, where it is not in its usual place
Exit codes: 0 written, 1 not written, 2 the feed was never live, 64 wrong use.`;

/** Reads the arguments; a sentence about what is wrong and how to mend it otherwise. */
export function readRecordOptions(args: readonly string[]): RecordOptions | { readonly error: string } | 'help' {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [first, ...rest] = positionals;
  if (first === undefined) return { error: 'What to record is missing: an address, or the name of a source.' };
  if (rest.length > 0) return { error: `One address or source only; "${rest.join(' ')}" is too much.` };
  if (values.out === undefined) return { error: 'Say where to: --out FILE.' };
  const isUrl = /^(https?|wss?):\/\//i.test(first);
  const seconds = values.for === undefined ? null : Number(values.for);
  if (seconds !== null && !(seconds > 0 && seconds <= 31_536_000)) {
    return { error: `--for takes seconds, more than 0, not "${values.for}".` };
  }
  if (!isUrl && seconds !== null) return { error: '--for is for addresses; a source takes --from and --to.' };
  const protocol = values.protocol ?? 'auto';
  if (!isProtocol(protocol)) {
    return { error: `--protocol is one of auto, ${protocolNames.join(', ')}, not "${protocol}".` };
  }
  const range = { from: timeOf(values.from), to: timeOf(values.to) };
  for (const [flag, at] of Object.entries(range)) {
    if (Number.isNaN(at)) return { error: `--${flag} takes a time with its zone, as in 2026-03-01T08:00:00Z.` };
    if (isUrl && at !== null) return { error: `--${flag} is for sources; an address is recorded from now on.` };
  }
  return {
    what: isUrl ? { kind: 'url', url: first } : { kind: 'source', source: first },
    protocol,
    out: values.out,
    seconds,
    ...range,
    userData: values['user-data'] ?? null,
  };
}

/** Epoch ms; NaN when it is no time, or names none exactly since it has no zone. */
function timeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      for: { type: 'string' },
      protocol: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      'user-data': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function isProtocol(text: string): text is ProtocolName | 'auto' {
  return text === 'auto' || (protocolNames as readonly string[]).includes(text);
}
