import { defaultName } from '../../shared/default-name';
import type { FieldError } from '../../shared/errors';
import type { FoundReading, ProbeAnswer } from '../../shared/probe';
import type { Recipe } from '../../shared/recipe';
import { type RungConfig, rungSchema, type SourceConfig, sourceSchema } from '../../shared/source';
import { parseUrl } from '../../shared/url';
import { pastedRecipe } from '../engine/paste/curl';
import { inferLadder } from '../engine/protocols/ladder';
import { transportOfRecipe } from '../engine/protocols/recipe/recipe-ladder';
import { entryOf, protocolOf } from '../engine/protocols/registry';
import { saidInTerminal } from './feed-options';
import type { WatchOptions } from './watch-options';

export type WatchedFeed =
  | { readonly ok: true; readonly config: SourceConfig }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** The one source that a terminal watches, as it was asked for. */
export function feedOf(options: WatchOptions, id: string): WatchedFeed {
  const { kind, url, recipe } = options;
  const { transport, protocol } = namedMeaning(options) ?? meaningOf(kind, options.protocol);
  const inferred = inferLadder(transport === null ? url : schemeFor(url, transport), protocol);
  if (!inferred.ok) return inferred;
  const ladder =
    transport === null ? inferred.ladder : [rungSchema.parse({ transport, url: schemeFor(url.trim(), transport) })];
  const config = sourceSchema.safeParse({
    id,
    name: defaultName(url, []) || url.slice(0, 80),
    url,
    protocol: inferred.protocol,
    inferred: kind === 'auto' && options.protocol === 'auto' && namedRecipe(recipe) === null,
    ladder: paced(ladder, options.everySeconds),
    reach: options.way.reach,
    ...(recipe ? { recipe } : {}),
  });
  if (config.success) return { ok: true, config: config.data };
  return {
    ok: false,
    errors: config.error.issues.map(({ path, message }) => ({ field: path.join('.'), message, fix: '' })),
  };
}

/** A recipe that was asked for by its name or file: it says what the feed is. Null where there is only what a terminal said. */
function namedRecipe(recipe: Recipe | null | undefined): Recipe | null {
  return recipe && recipe.name !== saidInTerminal && recipe.name !== pastedRecipe ? recipe : null;
}

/** What a recipe that was named says of an address, where nothing else does: it is not guessed at. */
function namedMeaning({ kind, protocol, url, recipe }: WatchOptions): ReturnType<typeof meaningOf> | null {
  const named = kind === 'auto' && protocol === 'auto' ? namedRecipe(recipe) : null;
  if (named === null) return null;
  if (named.speak) return { transport: null, protocol: named.speak.protocol };
  const address = /^https?:/i.test(url.trim()) ? parseUrl(url.trim()) : null;
  return { transport: address === null ? null : transportOfRecipe(named, address), protocol: 'json' };
}

/** What a recipe that was named says: nothing is left to look for, and nothing is asked before the watch. Null where something is. */
export function givenReading({ protocol, ladder, recipe, inferred }: SourceConfig): ProbeAnswer | null {
  const named = namedRecipe(recipe);
  if (named === null || inferred) return null;
  const { promise } = protocolOf({ protocol, ladder, recipe: named });
  const why = [`Its recipe was given: ${named.name}.`];
  const found: FoundReading = {
    ...{ title: named.title, protocol, recipe: named, ladder: [...ladder], confidence: 'certain' },
    ...{ why, promise, wants: [], says: entryOf(protocol).says ?? [] },
  };
  return { found: [found], samples: [], seen: ['Nothing was asked.'], problem: null };
}

/** The same source, read as what was found there. */
export function readAs(config: SourceConfig, found: FoundReading, everySeconds: number | null): SourceConfig {
  const { protocol, ladder, recipe } = found;
  const { recipe: asked, ...rest } = config;
  // One that still wants something to be entered would send that as nothing.
  const whole = recipe?.variables.every(({ value }) => value !== '') ?? false;
  // What is to be said was said in the terminal.
  const said = asked && asked.talk.open.length > 0 ? { talk: asked.talk, variables: asked.variables } : {};
  const read = whole && recipe ? { ...recipe, ...said } : asked;
  return {
    ...rest,
    protocol,
    inferred: false,
    ladder: paced(ladder, everySeconds),
    ...(read ? { recipe: read } : {}),
  };
}

/** A kind is a protocol with all of its rungs, or one transport of a plain feed. */
function meaningOf(kind: WatchOptions['kind'], protocol: WatchOptions['protocol']) {
  switch (kind) {
    case 'auto':
      return { transport: null, protocol };
    case 'websocket':
    case 'sse':
    case 'long-poll':
    case 'poll':
      return { transport: kind, protocol: 'json' as const };
    default:
      return { transport: null, protocol: kind };
  }
}

function paced(ladder: readonly RungConfig[], everySeconds: number | null): RungConfig[] {
  return ladder.map((rung) => (everySeconds === null ? rung : { ...rung, intervalSeconds: everySeconds }));
}

function schemeFor(url: string, transport: RungConfig['transport']): string {
  const scheme = transport === 'websocket' ? 'ws' : 'http';
  return url.replace(/^(?:http|ws)(s?):/i, `${scheme}$1:`);
}
