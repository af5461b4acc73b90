import { parseArgs } from 'node:util';
import { type ProtocolName, protocolNames } from '../../shared/protocols';
import type { Recipe } from '../../shared/recipe';
import { withOpening } from '../../shared/recipe-opening';
import { inferLadder } from '../engine/protocols/ladder';
import { feedFlags, feedUsage, type Kind, kinds, readFeed } from './feed-options';
import { type ReachChoice, reachFlags, reachUsage, readReach, type SecretSources } from './reach-options';

export interface WatchOptions {
  readonly url: string;
  readonly protocol: ProtocolName | 'auto';
  readonly kind: Kind;
  /** Seconds between two polls; null = as is usual, or as the server asks. */
  readonly everySeconds: number | null;
  readonly recipe: Recipe | null;
  /** A broker keeps what is missed, since somebody asked for that. */
  readonly keepsSession: boolean;
  /** What answers is looked at first. */
  readonly detect: boolean;
  /** Seconds; null = until Ctrl+C. */
  readonly seconds: number | null;
  readonly json: boolean;
  readonly way: Pick<ReachChoice, 'reach' | 'secrets'>;
  /** What is to be said of how the command line was read. */
  readonly notes: readonly string[];
}

export const watchUsage = `Usage: npm run watch -- <url> [--for SECONDS] [--json] [--kind ${kinds.join('|')}]
       npm run watch -- --curl '<curl command>' [...]

Watches a feed with Wirewatch's engine and prints what it is, state changes with their reasons, events and rates.
  <url>        http(s):// or ws(s)://, as in http://127.0.0.1:7070/v1/host
  --for N      end after N seconds (exit 0 when the feed was live, 2 when it never was, also
               where it was open and silent)
  --json       one JSON object a line: {"kind":"detected"|"state"|"event"|"gap"|"finding"|"rate"|"end", …}
  --protocol   ${protocolNames.join(', ')}: what the address is read as

${feedUsage}

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
  const [first, ...rest] = positionals;
  if (first === undefined && values.curl === undefined)
    return { error: 'The address is missing. Write it first, as in: npm run watch -- http://host/v1/stream' };
  if (first !== undefined && values.curl !== undefined) {
    return { error: 'The address stands in the curl command: leave the other one out.' };
  }
  if (rest.length > 0) return { error: `One address only; "${rest.join(' ')}" is too much.` };
  const seconds = values.for === undefined ? null : Number(values.for);
  if (seconds !== null && !(seconds > 0 && seconds <= 31_536_000)) {
    return { error: `--for takes seconds, more than 0, not "${values.for}".` };
  }
  const protocol = values.protocol ?? 'auto';
  if (!isProtocol(protocol)) {
    return { error: `--protocol is one of auto, ${protocolNames.join(', ')}, not "${protocol}".` };
  }
  const kind = values.kind ?? 'auto';
  if (!isKind(kind)) return { error: `--kind is one of ${kinds.join(', ')}, not "${kind}".` };
  if (kind !== 'auto' && protocol !== 'auto') return { error: 'One of --kind and --protocol, not both.' };
  const everySeconds = values.every === undefined ? null : Number(values.every);
  if (everySeconds !== null && !(everySeconds >= 1 && everySeconds <= 3600)) {
    return { error: `--every takes seconds from 1 to 3600, not "${values.every}".` };
  }
  const way = readReach(values, from);
  if ('error' in way) return way;
  const feed = readFeed(values, way.reach, from, (recipe) => {
    if (kind !== 'auto' || protocol !== 'auto') return kind === 'auto' ? protocol : kind;
    const inferred = inferLadder(first ?? '', 'auto');
    return recipe?.speak?.protocol ?? (inferred.ok ? inferred.protocol : '');
  });
  if ('error' in feed) return feed;
  const url = feed.url ?? first ?? '';
  const said = values.speak ?? [];
  const keepsSession = said.includes('keep-session=true');
  if (keepsSession && !said.some((pair) => /^client-id=./.test(pair))) {
    return { error: '--speak keep-session=true: a broker keeps it for a name: add --speak client-id=ID.' };
  }
  // To look first would be to ask twice for what may cost or change something.
  const post = kind === 'auto' && protocol === 'auto' ? feed.recipe?.ask.post : undefined;
  const posts = post !== undefined;
  // Whoever says what to ask for knows who is asked.
  const spoken = values.speak !== undefined && kind === 'auto' && protocol === 'auto';
  const streamed = /"stream"\s*:\s*true/.test(post?.body ?? '') || /text\/event-stream/i.test(values.curl ?? '');
  const unseen = posts && !post.billed ? [sentOnce(streamed)] : [];
  return {
    url,
    protocol,
    kind: posts ? (streamed ? 'sse' : 'poll') : spoken ? (feed.recipe?.speak?.protocol ?? kind) : kind,
    everySeconds,
    keepsSession,
    recipe: way.opening.length > 0 ? withOpening(feed.recipe ?? undefined, way.opening) : feed.recipe,
    detect: kind === 'auto' && protocol === 'auto' && !posts && !spoken && !values['no-detect'],
    seconds,
    json: values.json ?? false,
    way: { reach: feed.reach, secrets: new Map([...way.secrets, ...feed.secrets]) },
    notes: [...feed.notes, ...unseen],
  };
}

function sentOnce(streamed: boolean): string {
  const read = streamed ? 'an event stream (else --kind poll)' : 'an answer that is polled (else --kind sse)';
  return `The POST is not sent twice to be looked at first: what answers is read as ${read}.`;
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...reachFlags,
      ...feedFlags,
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

function isKind(text: string): text is Kind {
  return (kinds as readonly string[]).includes(text);
}
