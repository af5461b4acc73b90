import { type NamedProtocol, namedProtocols } from '../../shared/protocols';
import { defaultReach, type Reach } from '../../shared/reach';
import { type Recipe, recipeSchema } from '../../shared/recipe';
import { readRecipeText } from '../../shared/recipe-text';
import { sealedText } from '../../shared/sealed-text';
import { placeOfSecret } from '../../shared/secret-places';
import { curlLine } from '../engine/paste/shell-line';
import { understand } from '../engine/paste/understand';
import { recipeProblems } from '../engine/protocols/recipe/problems';
import { shippedRecipes } from '../engine/protocols/recipes/shipped';
import { FileRefused } from '../node/regular-file';
import type { SecretSources } from './reach-options';
import { isSpoken, readSpeak, speakUsage, spokenProtocols } from './speak-options';

/** Flags about what a feed is and how it is spoken to, for `parseArgs`. */
export const feedFlags = {
  kind: { type: 'string' },
  every: { type: 'string' },
  recipe: { type: 'string' },
  set: { type: 'string', multiple: true },
  speak: { type: 'string', multiple: true },
  'send-on-open': { type: 'string', multiple: true },
  'secret-env': { type: 'string', multiple: true },
  'secret-file': { type: 'string', multiple: true },
  curl: { type: 'string' },
  post: { type: 'boolean' },
  'no-detect': { type: 'boolean' },
} as const;

export interface FeedValues {
  readonly recipe?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly speak?: readonly string[] | undefined;
  readonly 'send-on-open'?: readonly string[] | undefined;
  readonly 'secret-env'?: readonly string[] | undefined;
  readonly 'secret-file'?: readonly string[] | undefined;
  readonly curl?: string | undefined;
  readonly post?: boolean | undefined;
}

/** Everything that the window's form offers as the kind of a source. */
const plainKinds = ['websocket', 'sse', 'long-poll', 'poll'] as const;

export type Kind = 'auto' | NamedProtocol | (typeof plainKinds)[number];

export const kinds: readonly Kind[] = ['auto', ...namedProtocols, ...plainKinds];

export const feedUsage = `What it is and how it is spoken to:
  --kind KIND            ${kinds.join(', ')}; without it what answers is looked at
                         for at most 10 s, and the first line says what was found, how sure that is, and why
  --every SECONDS        between two polls, 1 to 3600
  --no-detect            go by the address alone
  --recipe FILE          how the feed is read and spoken to (docs/recipes.md), or the name of one that comes with
                         Wirewatch: ${[...shippedRecipes.keys()].join(', ')}.
                         Nothing is looked at first: it says what the feed is
  --set NAME=VALUE       a variable of the recipe, may be repeated
  --speak NAME=VALUE     what a protocol is told and asked for, may be repeated; the protocol by --kind or by the address:
${speakUsage}
  --send-on-open TEXT    sent when a WebSocket opens and on every reconnect, may be repeated: in this order
  --secret-env NAME=VAR  what the variable VAR of the environment says stands for *secret.NAME* in these texts, and for a
                         secret variable NAME of the recipe; --secret-file NAME=FILE the same from a file
  --curl COMMAND         a whole curl command instead of the address; - reads it from standard input, where no other
                         process sees its secrets
  --post                 send the POST of a curl command or a recipe: it may change or cost something`;

/** Name of a recipe that says nothing but which messages are sent on open. */
export const saidInTerminal = 'terminal';

/** What was said of a feed. */
export interface FeedChoice {
  /** Null where the command line says it. */
  readonly url: string | null;
  readonly reach: Reach;
  readonly recipe: Recipe | null;
  readonly secrets: ReadonlyMap<string, string>;
  /** What of a command was left out, and why. */
  readonly notes: readonly string[];
}

/** Larger than any recipe or secret, bytes. */
const mostOfStdin = 64 * 1024;

/** Reads these flags; `flagged`: how the other flags say the feed is reached. A sentence about what is wrong otherwise. */
export function readFeed(
  values: FeedValues,
  flagged: Reach,
  from: SecretSources,
  protocolOf: (recipe: Recipe | null) => string,
): FeedChoice | { readonly error: string } {
  try {
    const secrets = secretsOf(values, from);
    const command = values.curl === undefined ? null : commandOf(values.curl, from);
    for (const { name, value } of command?.secrets ?? []) secrets.set(name, value);
    const own = recipeOf(values, from, secrets);
    const asked = command?.draft.recipe ?? null;
    const read = own && asked ? { ...own, ask: { ...own.ask, ...asked.ask } } : (own ?? asked);
    const recipe = values.speak === undefined ? read : spoken(values.speak, read, protocolOf(read));
    if (recipe?.ask.post && !values.post) {
      throw new Wrong('This sends a POST, which may change or cost something: add --post to send it.');
    }
    const reach = command?.draft.reach ? merged(command.draft.reach, flagged) : flagged;
    return { url: command?.draft.url ?? null, reach, recipe, secrets, notes: command?.notes ?? [] };
  } catch (error) {
    if (error instanceof Wrong) return { error: error.message };
    throw error;
  }
}

class Wrong extends Error {}

/** The same recipe, or one that says nothing else, with what the protocol is told. */
function spoken(said: readonly string[], recipe: Recipe | null, protocol: string): Recipe {
  if (!isSpoken(protocol)) {
    throw new Wrong(
      `--speak tells a protocol what to ask for: say which by --kind, one of ${spokenProtocols.join(', ')}.`,
    );
  }
  const speak = readSpeak(protocol, said, recipe?.speak, (text) => openMessage(text, 'speak'));
  if ('error' in speak) throw new Wrong(speak.error);
  return checked({ ...(recipe ?? { name: saidInTerminal, title: 'As said in the terminal' }), speak });
}

function commandOf(typed: string, from: SecretSources) {
  const text = typed === '-' ? from.readStdin().slice(0, mostOfStdin) : typed;
  let made = 0;
  // The word itself may be left out before its options; what else stands there is no host to ask for.
  const bare = /^\s*(-|["']?(https?|wss?):)/i.test(text);
  if (curlLine(text) === null && !bare) {
    throw new Wrong(
      "--curl: There is no curl command in it. Copy the whole command, as in curl -H 'X: y' https://host/path.",
    );
  }
  const read = understand(curlLine(text) === null ? `curl ${text}` : text, () => {
    made += 1;
    return String(made);
  });
  if (read.ok) return read.understood;
  const [first] = read.errors;
  throw new Wrong(`--curl: ${first?.message ?? 'not understood'} ${first?.fix ?? ''}`.trim());
}

/** What the command says of how the feed is reached goes before the flags, which say the rest. */
function merged(command: Reach, flagged: Reach): Reach {
  const own = (part: object, plain: object, other: object) =>
    Object.fromEntries(
      Object.entries(part).map(([name, value]) => {
        const said = JSON.stringify(value) !== JSON.stringify(Reflect.get(plain, name));
        return [name, said ? value : Reflect.get(other, name)];
      }),
    );
  const tls = own(command.tls, defaultReach.tls, flagged.tls);
  return { ...(own(command, defaultReach, flagged) as Reach), tls: tls as Reach['tls'] };
}

function secretsOf(values: FeedValues, from: SecretSources): Map<string, string> {
  const secrets = new Map<string, string>();
  for (const text of values['secret-env'] ?? []) {
    const [name, variable] = pairOf('secret-env', text);
    const value = from.env[variable];
    if (!value)
      throw new Wrong(`--secret-env names the environment variable ${variable}, which is not set. Export it first.`);
    secrets.set(name, value);
  }
  for (const text of values['secret-file'] ?? []) {
    const [name, path] = pairOf('secret-file', text);
    secrets.set(name, fileOf('secret-file', path, from).trim());
  }
  return secrets;
}

function pairOf(flag: string, text: string): readonly [string, string] {
  const [, name = '', value = ''] = /^([A-Za-z0-9_.-]{1,80})=(.+)$/s.exec(text) ?? [];
  if (name === '')
    throw new Wrong(
      `--${flag} is written as NAME=${flag === 'secret-file' ? 'FILE' : 'VALUE'}, not "${text.slice(0, 40)}".`,
    );
  return [name, value];
}

function fileOf(flag: string, path: string, from: SecretSources): string {
  try {
    return from.readFile(path).toString('utf8');
  } catch (error) {
    if (error instanceof FileRefused) throw new Wrong(`--${flag}: ${error.message}`);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Wrong(`--${flag}: ${path} cannot be read (${code}).`);
  }
}

/** The recipe of a file, or of that name, with its variables and the messages that are sent on open. */
function recipeOf(values: FeedValues, from: SecretSources, secrets: ReadonlyMap<string, string>): Recipe | null {
  const messages = (values['send-on-open'] ?? []).map((text) => openMessage(text));
  const read = values.recipe === undefined ? null : readRecipe(values.recipe, from);
  const sets = new Map((values.set ?? []).map((text) => pairOf('set', text)));
  if (read === null) {
    if (sets.size > 0) throw new Wrong('--set needs --recipe: it says what a variable of the recipe is.');
    if (messages.length === 0) return null;
    const talk = { open: messages.map((send) => ({ send })) };
    return checked({ name: saidInTerminal, title: 'As said in the terminal', talk });
  }
  const variables = read.variables.map((variable) => {
    const said = sets.get(variable.name);
    sets.delete(variable.name);
    if (said !== undefined && variable.secret && !said.startsWith('*secret.')) {
      throw new Wrong(
        `The variable ${variable.name} is a secret, and every process sees arguments: use --secret-env ${variable.name}=VAR.`,
      );
    }
    const kept = variable.secret && secrets.has(variable.name) ? placeOfSecret(variable.name) : undefined;
    return { ...variable, value: said ?? kept ?? variable.value };
  });
  const [unknown] = sets.keys();
  if (unknown !== undefined) throw new Wrong(`The recipe ${read.name} has no variable ${unknown}.`);
  const missing = variables.find(({ value }) => value === '');
  if (missing) {
    const how = missing.secret ? `--secret-env ${missing.name}=VAR` : `--set ${missing.name}=…`;
    throw new Wrong(`The recipe ${read.name} needs ${missing.title}: ${how}.`);
  }
  const open = [...read.talk.open, ...messages.map((send) => ({ send }))];
  return checked({ ...read, variables, talk: { ...read.talk, open } });
}

function checked(recipe: unknown): Recipe {
  const made = recipeSchema.safeParse(recipe);
  if (made.success) return made.data;
  const [issue] = made.error.issues;
  throw new Wrong(`${issue?.path.join('.') ?? 'recipe'}: ${issue?.message ?? 'not understood'}`);
}

function readRecipe(said: string, from: SecretSources): Recipe {
  const shipped = shippedRecipes.get(said);
  if (shipped) return shipped;
  const read = readRecipeText(fileOf('recipe', said, from));
  const found = read.ok ? recipeProblems(read.recipe) : read.problems;
  if (read.ok && found.length === 0) return read.recipe;
  const problems = found.slice(0, 3).map(({ field, message }) => `${field === '' ? '' : `${field}: `}${message}`);
  throw new Wrong(`--recipe ${said}: ${problems.join(' ')}`);
}

function openMessage(text: string, flag = 'send-on-open'): string {
  let secret = false;
  sealedText(text, (value) => {
    secret = true;
    return value;
  });
  if (secret) {
    throw new Wrong(
      `--${flag} holds a secret, and every process sees arguments: write *secret.NAME* there, and --secret-env NAME=VAR.`,
    );
  }
  return text;
}
