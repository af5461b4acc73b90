import { type Reach, reachSchema } from '../../../shared/reach';
import { recipeSchema } from '../../../shared/recipe';
import { sealedText } from '../../../shared/sealed-text';
import type { SourceDraft } from '../../../shared/source-draft';
import { parseUrl } from '../../../shared/url';
import { addressOf } from './address';
import { bodyOf } from './curl-body';
import { createDress } from './curl-dress';
import { readOptions } from './curl-options';
import { reachOf } from './curl-reach';
import type { SecretTaker } from './secret-taker';
import type { ShellLine } from './shell-line';
import { wordsOf } from './tokens';

export type ReadCommand =
  | { readonly ok: true; readonly draft: SourceDraft; readonly notes: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly fix: string };

/** Name of a recipe that says nothing but how a pasted command asks. */
export const pastedRecipe = 'pasted';

/** Options that only say how curl asks, shows or keeps an answer: they mean nothing for a feed that is watched. */
const ofCurlOnly =
  /^(silent|show-error|verbose|include|fail|fail-with-body|fail-early|no-buffer|output|output-dir|create-dirs|remote-name.*|dump-header|write-out|progress-bar|no-progress-meter|styled-output|no-styled-output|location|location-trusted|max-time|connect-timeout|retry.*|cookie-jar|junk-session-cookies|max-redirs|post30[123]|globoff|disable|trace.*|stderr|keepalive-time|no-keepalive|tcp-nodelay|tcp-fastopen|ipv[46]|happy-eyeballs-timeout-ms|limit-rate|speed-(limit|time)|expect100-timeout|parallel.*|rate|no-sessionid|path-as-is|url|request|get|json|data.*|header|user|user-agent|referer|cookie|compressed|http1\.[01]|http2|http2-prior-knowledge|http3|oauth2-bearer|basic|url-query)$/;

/**
 * A whole `curl` command as a draft. What it holds in secrets is taken out; what Wirewatch does in another way, or not at
 * all, is told in sentences. Only what is read is taken: a command that would change something on the server is refused.
 */
export function readCurl({ text, behind }: ShellLine, taker: SecretTaker): ReadCommand {
  const words = wordsOf(text);
  if (words === null) return wrong('A quote in the command does not end.', 'Copy the whole command once more.');
  const from = words.findIndex((word) => /(^|[/\\])curl(\.exe)?$/i.test(word));
  const line = readOptions(words.slice(from + 1));
  const of = (name: string) => line.options.filter((option) => option.name === name).map(({ value }) => value ?? '');
  const has = (name: string) => line.options.some((option) => option.name === name);

  const refused = refusalOf(of, has);
  if (refused !== null) return refused;
  const notes: string[] = [];
  const body = bodyOf(line.options);
  if ('refused' in body) return wrong(body.refused, 'Take that part out of the command, and paste it again.');
  notes.push(...body.notes);

  const [pasted, ...others] = [...of('url'), ...line.addresses];
  if (pasted === undefined) return wrong('The command names no address.', 'Copy the whole command once more.');
  if (/^([a-z]+:\/\/)?\$[({A-Za-z_]/i.test(pasted)) {
    return wrong(
      `Your shell fills in the address (${pasted.slice(0, 60)}).`,
      'Write the address out, and paste it again.',
    );
  }
  if (others.length > 0) notes.push('The command names several addresses: the first one is taken.');
  const address = addressOf(withQuery(pasted, [...body.query, ...of('url-query')]), taker);
  if (!address.ok) return address;
  notes.push(...address.notes);

  const dress = createDress(taker);
  for (const header of of('header')) dress.header(header);
  for (const agent of of('user-agent')) dress.header(`User-Agent: ${agent}`);
  for (const referer of of('referer')) dress.header(`Referer: ${referer.replace(/;auto$/, '')}`);
  for (const cookie of of('cookie')) dress.cookies(cookie);
  for (const token of of('oauth2-bearer')) dress.header(`Authorization: Bearer ${token}`);
  for (const user of of('user')) dress.login(user);
  const way = reachOf(line.options, parseUrl(address.url), taker);
  const dressed = dress.done();
  notes.push(...dressed.notes, ...way.notes);
  const reach = reachSchema.safeParse({
    ...way.reach,
    headers: dressed.headers,
    subprotocols: dressed.subprotocols,
    credential: dressed.credential ?? address.reach?.credential ?? { kind: 'none' },
    compression: has('compressed'),
    http2: !(has('http1.1') || has('http1.0')),
  });
  if (!reach.success) {
    const [issue] = reach.error.issues;
    return wrong(
      `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`,
      'Take that part out of the command.',
    );
  }

  const unknown = line.options.filter(({ name }) => !ofCurlOnly.test(name) && !way.known.has(name));
  if (unknown.length > 0) {
    const names = [...new Set(unknown.map(({ name }) => `--${name}`.slice(0, 40)))].slice(0, 10);
    notes.push(`Left out, since Wirewatch has nothing like it: ${names.join(', ')}.`);
  }
  for (const name of line.incomplete) notes.push(`Left out, since its value is missing: --${name.slice(0, 40)}.`);
  const shells = [line.behind, behind].filter((part) => part !== null).join(' ');
  // Its first word says what it is; what follows may hold secrets.
  if (shells !== '') notes.push(`Left out, since it is the shell's: ${/^\W*[\w./-]{0,30}/.exec(shells)?.[0] ?? ''} …`);

  const url = dressed.socket ? address.url.replace(/^http/i, 'ws') : address.url;
  const post = body.post === null ? null : postOf(body.post.text, dressed.contentType ?? body.post.contentType, taker);
  const recipe = askedBy(post, dressed.accept);
  if (post !== null) notes.push('The command sends a POST: it is sent only after you say so.');
  return { ok: true, draft: draftOf(url, reach.data, recipe), notes };
}

function draftOf(url: string, reach: Reach, recipe: SourceDraft['recipe'] | null): SourceDraft {
  return { name: '', url, protocol: 'auto', reach, ...(recipe ? { recipe } : {}) };
}

function refusalOf(
  of: (name: string) => readonly string[],
  has: (name: string) => boolean,
): (ReadCommand & { readonly ok: false }) | null {
  const method = of('request').at(-1)?.toUpperCase();
  if (method !== undefined && method !== 'GET' && method !== 'POST') {
    return wrong(
      `The command sends a ${method.slice(0, 20)}, and Wirewatch only reads.`,
      'Use the request that reads the feed.',
    );
  }
  if (has('head')) return wrong('The command asks for the head of an answer only (-I).', 'Take -I out of it.');
  for (const name of ['form', 'form-string', 'upload-file']) {
    if (has(name)) return wrong(`The command uploads something (--${name}).`, 'Use the request that reads the feed.');
  }
  if (has('next')) return wrong('These are several commands in one (--next).', 'Paste one of them.');
  if (has('config')) return wrong('The command reads options from a file (-K).', 'Write these options out.');
  return null;
}

/** What answers may be billed where the body looks like one for a model. */
function postOf(text: string, contentType: string, taker: SecretTaker) {
  const billed = /"(model|messages|prompt)"\s*:/.test(text);
  return { body: sealedText(text, (secret) => taker.place(secret)), contentType, billed };
}

/** A recipe that asks as the command does; null where that is as everything is asked. */
function askedBy(post: ReturnType<typeof postOf> | null, accept: string | null) {
  if (post === null && accept === null) return null;
  const ask = { ...(post === null ? {} : { post }), ...(accept === null ? {} : { accept }) };
  return recipeSchema.parse({ name: pastedRecipe, title: 'As the pasted command asks', ask });
}

function withQuery(address: string, query: readonly string[]): string {
  if (query.length === 0) return address;
  const [before = '', fragment] = address.split('#', 2);
  const joined = `${before}${before.includes('?') ? '&' : '?'}${query.map(asPart).join('&')}`;
  return fragment === undefined ? joined : `${joined}#${fragment}`;
}

/** What curl hands on as it is, and no address has. */
function asPart(text: string): string {
  return text.replace(/[\s#]/g, (letter) => encodeURIComponent(letter));
}

function wrong(message: string, fix: string): ReadCommand & { readonly ok: false } {
  return { ok: false, message, fix };
}
