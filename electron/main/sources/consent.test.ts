import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../shared/recipe';
import { type SourceConfig, sourceSchema } from '../../../shared/source';
import { openSettings, type SettingsStore } from '../settings/settings';
import { type Consent, createConsent, type SendQuestion } from './consent';
import type { PostQuestion } from './posts';

let folder: string;
let settings: SettingsStore;
let consent: Consent;
let file: string | null;
let answer: boolean;
/** Commands asked about, and where their tokens would go. */
const runs: (readonly [string, readonly string[]])[] = [];
const sends: SendQuestion[] = [];
const posts: PostQuestion[] = [];
let known: string[];
let tell: (name: string) => void;

function consentWith(change: Partial<Parameters<typeof createConsent>[0]> = {}): Consent {
  return createConsent({
    settings,
    secrets: {
      state: () => ({ storage: 'keyring', stored: known, run: [] }),
      onChange(listener) {
        tell = listener;
        return () => {};
      },
    },
    chooseFile: async () => file,
    async askToRun(command, places) {
      runs.push([command, places]);
      return answer;
    },
    async askToSend(question) {
      sends.push(question);
      return answer;
    },
    async askToPost(question) {
      posts.push(question);
      return answer;
    },
    ...change,
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-consent-'));
  settings = await openSettings(folder);
  runs.length = 0;
  sends.length = 0;
  posts.length = 0;
  file = null;
  answer = false;
  known = [];
  tell = () => {};
  consent = consentWith();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const source = (url: string, reach?: object, change: object = {}): SourceConfig =>
  sourceSchema.parse({
    id: 'a',
    name: 'One',
    url,
    protocol: 'json',
    ladder: [{ transport: 'sse', url }],
    ...(reach ? { reach } : {}),
    ...change,
  });
const commanded = (url: string, command: string, change: object = {}) =>
  source(url, { credential: { kind: 'token-command', command } }, change);
const bearer = (url: string, change: object = {}) =>
  source(url, { credential: { kind: 'bearer', token: 'the.token' } }, change);
const recording = (url: string) => source(url, undefined, { protocol: 'recording', ladder: [] });

const refusal = (kind: string) => expect.objectContaining({ error: expect.objectContaining({ kind }) });

/** As a desk brings a source into force. */
async function bring(config: SourceConfig, by = consent): Promise<void> {
  await by.admit([config]);
  await settings.change((held) => by.seal(held, [config]));
}

/** A secret is entered, as a form does before it saves. */
function enter(name: string): void {
  known.push(name);
  tell(name);
}

describe('what a window may not decide by itself', () => {
  it('opens no file that a person has not chosen', async () => {
    expect(() => consent.admitFile(recording('file:///etc/shadow'))).toThrow(refusal('invalid'));
    expect(await consent.chooseRecording()).toBeNull();
    file = '/home/me/leap day.jsonl.gz';
    const chosen = await consent.chooseRecording();
    expect(chosen).toEqual({ url: 'file:///home/me/leap%20day.jsonl.gz', name: 'leap day' });
    consent.admitFile(recording(chosen?.url ?? ''));
    expect(() => consent.admitFile(recording('file:///home/me/other.jsonl.gz'))).toThrow(refusal('invalid'));
  });

  it('runs no command that a person has not agreed to, and asks once, naming where its tokens go', async () => {
    const asking = commanded('https://host.test/feed', 'print-token --for me');
    await expect(consent.admit([asking])).rejects.toEqual(refusal('refused'));
    answer = true;
    await consent.admit([asking]);
    await consent.admit([asking]);
    const places = ['https://host.test (shown the tokens that are fetched)'];
    expect(runs).toEqual([
      ['print-token --for me', places],
      ['print-token --for me', places],
    ]);
    await consent.admit([source('https://host.test/feed')]);
    expect(runs).toHaveLength(2);
    expect(sends).toEqual([]);
  });

  it('what the settings hold was agreed to before', async () => {
    const held = [
      commanded('https://host.test/feed', 'print-token'),
      { ...recording('file:///home/me/kept.jsonl.gz'), id: 'b' },
    ];
    await settings.change((before) => ({ ...before, sources: held }));
    await consent.admit([commanded('https://host.test/feed', 'print-token')]);
    consent.admitFile(recording('file:///home/me/kept.jsonl.gz'));
    expect(runs).toEqual([]);
  });

  it('asks one question at a time', async () => {
    let say = (_: boolean) => {};
    const slow = consentWith({
      askToRun: () =>
        new Promise<boolean>((resolve) => {
          say = resolve;
        }),
    });
    const first = slow.admit([commanded('https://host.test/feed', 'one')]);
    await expect(slow.admit([commanded('https://host.test/feed', 'two')])).rejects.toEqual(refusal('refused'));
    say(true);
    await first;
  });
});

describe('hostile 1: a secret belongs to the origins it was entered for', () => {
  const good = 'https://feed.test/orders';
  const evil = 'https://evil.test/orders';

  it('hostile 1: entered just now it goes where it is entered for; farther only after a question that names both', async () => {
    enter('the.token');
    await bring(bearer(good));
    expect(sends).toEqual([]);
    await expect(bring(bearer(evil))).rejects.toEqual(refusal('refused'));
    expect(sends).toEqual([{ source: 'One', commands: [], held: ['https://feed.test'], more: ['https://evil.test'] }]);
    expect(settings.current().sources[0]?.url).toBe(good);
    answer = true;
    await bring(bearer(evil));
    // Agreed to for both by now, also after a restart.
    answer = false;
    settings = await openSettings(folder);
    consent = consentWith();
    await bring(bearer(good));
    await bring(bearer(evil));
    expect(sends).toHaveLength(2);
  });

  it('hostile 1: under another id, beside the first, in a second source of the same import: it is asked about', async () => {
    enter('the.token');
    await bring(bearer(good));
    await expect(bring(bearer(evil, { id: 'b' }))).rejects.toEqual(refusal('refused'));
    // Nobody has entered it yet: the first to name it is who it will be entered for.
    const other = (url: string, id: string) => source(url, { credential: { kind: 'bearer', token: 'other' } }, { id });
    await expect(consent.admit([other(good, 'c'), other(evil, 'd')])).rejects.toEqual(refusal('refused'));
    expect(sends.at(-1)).toMatchObject({ held: ['https://feed.test'], more: ['https://evil.test'] });
  });

  it('hostile 1: what was entered for nobody that is known is asked about', async () => {
    known = ['the.token'];
    await expect(bring(bearer(good))).rejects.toEqual(refusal('refused'));
    expect(sends).toEqual([{ source: 'One', commands: [], held: [], more: ['https://feed.test'] }]);
  });

  it('hostile 1: a new value under the name of a source in force opens no other place', async () => {
    enter('the.token');
    await bring(bearer(good));
    tell('the.token');
    await expect(bring(bearer(evil))).rejects.toEqual(refusal('refused'));
  });

  it('hostile 1: an older installation keeps what it has, and asks from then on', async () => {
    known = ['the.token'];
    await settings.change((before) => ({ ...before, sources: [bearer(good)], agreed: [] }));
    await bring(bearer(good, { name: 'Renamed' }));
    expect(sends).toEqual([]);
    await expect(bring(bearer(evil))).rejects.toEqual(refusal('refused'));
  });

  it('hostile 1: a command agreed to shows its tokens to nobody else', async () => {
    answer = true;
    await bring(commanded(good, 'print-token'));
    answer = false;
    await expect(bring(commanded(evil, 'print-token', { id: 'b' }))).rejects.toEqual(refusal('refused'));
    expect(sends).toMatchObject([{ commands: ['print-token'], more: [expect.stringContaining('https://evil.test')] }]);
    expect(runs).toHaveLength(1);
  });

  it('hostile 1: of two edits at once none brings into force what nobody was asked about', async () => {
    enter('the.token');
    await bring(bearer(good));
    // Admitted without a secret; by the time it is written the other edit has given it one.
    await consent.admit([source(evil)]);
    await expect(settings.change((held) => consent.seal(held, [bearer(evil)]))).rejects.toEqual(refusal('refused'));
    expect(settings.current().sources[0]?.url).toBe(good);
  });

  it('hostile 1: a removed source takes its agreements along', async () => {
    enter('the.token');
    await bring(bearer(good));
    await settings.change((held) => consent.seal({ ...held, sources: [] }, []));
    expect(settings.current().agreed).toEqual([]);
  });

  it('a feed is asked by a POST only after a person said so, and asked about anew where body or place change', async () => {
    const posting = (body: string, url = 'https://llm.test/v1/chat', id = 'a') =>
      source(url, undefined, {
        id,
        protocol: 'json',
        ladder: [{ transport: 'sse', url }],
        recipe: recipeSchema.parse({ name: 'r', title: 'R', ask: { post: { body, billed: true } } }),
      });
    const store = (config: SourceConfig) => settings.change((before) => consent.seal(before, [config]));
    await expect(consent.admit([posting('{"q":1}')])).rejects.toMatchObject({ error: { kind: 'refused' } });
    await expect(store(posting('{"q":1}'))).rejects.toMatchObject({ error: { kind: 'refused' } });
    answer = true;
    await consent.admit([posting('{"q":1}')]);
    await store(posting('{"q":1}'));
    expect(posts).toHaveLength(2);
    expect(posts[1]).toEqual({ source: 'One', body: '{"q":1}', to: ['https://llm.test/v1/chat'], billed: true });
    // In the next run what is stored was agreed to.
    consent = consentWith();
    await consent.admit([posting('{"q":1}')]);
    expect(posts).toHaveLength(2);
    await consent.admit([posting('{"q":2}'), posting('{"q":1}', 'https://other.test/', 'b')]);
    expect(posts.map(({ body, to }) => [body, to[0]]).slice(2)).toEqual([
      ['{"q":2}', 'https://llm.test/v1/chat'],
      ['{"q":1}', 'https://other.test/'],
    ]);
    // A WebSocket posts nothing.
    const socket = 'wss://llm.test/';
    await consent.admit([
      { ...posting('{"q":3}'), ladder: [{ transport: 'websocket', url: socket, intervalSeconds: 5 }] },
    ]);
    expect(posts).toHaveLength(4);
  });
});
