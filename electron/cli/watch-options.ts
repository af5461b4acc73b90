import { parseArgs } from 'node:util';
import { type ProtocolName, protocolNames } from '../../shared/source';
import { type ReachChoice, reachFlags, reachUsage, readReach, type SecretSources } from './reach-options';

export interface WatchOptions {
  readonly url: string;
  readonly protocol: ProtocolName | 'auto';
  /** Seconds; null = until Ctrl+C. */
  readonly seconds: number | null;
  readonly json: boolean;
  readonly way: ReachChoice;
}

export const watchUsage = `Usage: npm run watch -- <url> [--for SECONDS] [--json] [--protocol auto|${protocolNames.join('|')}]

Watches a feed with Wirewatch's engine and prints state changes with their reasons, events and rates.
  <url>        http(s):// or ws(s)://, as in http://127.0.0.1:7070/v1/host
  --for N      end after N seconds (exit 0 when the feed was live, 2 when it never was)
  --json       one JSON object a line: {"kind":"state"|"event"|"gap"|"finding"|"rate"|"end", …}

${reachUsage}
Ctrl+C closes the connection properly. Wrong use ends with 64.`;

/** Reads the arguments; a sentence about what is wrong and how to mend it otherwise. */
export function readWatchOptions(
  args: readonly string[],
  from: SecretSources,
): WatchOptions | { readonly error: string } | 'help' {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [url, ...rest] = positionals;
  if (url === undefined)
    return { error: 'The address is missing. Write it first, as in: npm run watch -- http://host/v1/stream' };
  if (rest.length > 0) return { error: `One address only; "${rest.join(' ')}" is too much.` };
  const seconds = values.for === undefined ? null : Number(values.for);
  if (seconds !== null && !(seconds > 0 && seconds <= 31_536_000)) {
    return { error: `--for takes seconds, more than 0, not "${values.for}".` };
  }
  const protocol = values.protocol ?? 'auto';
  if (!isProtocol(protocol)) {
    return { error: `--protocol is one of auto, ${protocolNames.join(', ')}, not "${protocol}".` };
  }
  const way = readReach(values, from);
  if ('error' in way) return way;
  return { url, protocol, seconds, json: values.json ?? false, way };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...reachFlags,
      for: { type: 'string' },
      json: { type: 'boolean' },
      protocol: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function isProtocol(text: string): text is ProtocolName | 'auto' {
  return text === 'auto' || (protocolNames as readonly string[]).includes(text);
}
