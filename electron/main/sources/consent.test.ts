import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reachSchema } from '../../../shared/reach';
import { openSettings, type SettingsStore } from '../settings/settings';
import { type Consent, createConsent } from './consent';

let folder: string;
let settings: SettingsStore;
let consent: Consent;
let file: string | null;
let answer: boolean;
const questions: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-consent-'));
  settings = await openSettings(folder);
  questions.length = 0;
  file = null;
  answer = false;
  consent = createConsent({
    settings,
    chooseFile: async () => file,
    async askToRun(command) {
      questions.push(command);
      return answer;
    },
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const draft = (url: string, command?: string) => ({
  name: 'One',
  url,
  protocol: 'auto' as const,
  ...(command ? { reach: reachSchema.parse({ credential: { kind: 'token-command', command } }) } : {}),
});
const refusal = (kind: string) => expect.objectContaining({ error: expect.objectContaining({ kind }) });

describe('what a window may not decide by itself', () => {
  it('opens no file that a person has not chosen', async () => {
    await expect(consent.admit(draft('file:///etc/shadow'), 'recording')).rejects.toEqual(refusal('invalid'));
    expect(await consent.chooseRecording()).toBeNull();
    file = '/home/me/leap day.jsonl.gz';
    const chosen = await consent.chooseRecording();
    expect(chosen).toEqual({ url: 'file:///home/me/leap%20day.jsonl.gz', name: 'leap day' });
    await consent.admit(draft(chosen?.url ?? ''), 'recording');
    await expect(consent.admit(draft('file:///home/me/other.jsonl.gz'), 'recording')).rejects.toEqual(
      refusal('invalid'),
    );
  });

  it('runs no command that a person has not agreed to, and asks once', async () => {
    const asking = draft('https://host.test/feed', 'print-token --for me');
    await expect(consent.admit(asking, 'json')).rejects.toEqual(refusal('refused'));
    answer = true;
    await consent.admit(asking, 'json');
    await consent.admit(asking, 'json');
    expect(questions).toEqual(['print-token --for me', 'print-token --for me']);
    await consent.admit(draft('https://host.test/feed'), 'json');
    expect(questions).toHaveLength(2);
  });

  it('what the settings hold was agreed to before', async () => {
    const { reach } = draft('https://host.test/feed', 'print-token');
    await settings.change((before) => ({
      ...before,
      sources: [
        {
          id: 'a',
          name: 'A',
          url: 'https://host.test/feed',
          protocol: 'json',
          ladder: [{ transport: 'sse', url: 'https://host.test/feed', intervalSeconds: 5 }],
          pinnedRung: null,
          paused: false,
          builtIn: false,
          ...(reach ? { reach } : {}),
        },
        {
          id: 'b',
          name: 'B',
          url: 'file:///home/me/kept.jsonl.gz',
          protocol: 'recording',
          ladder: [],
          pinnedRung: null,
          paused: false,
          builtIn: false,
        },
      ],
    }));
    await consent.admit(draft('https://host.test/feed', 'print-token'), 'json');
    await consent.admit(draft('file:///home/me/kept.jsonl.gz'), 'recording');
    expect(questions).toEqual([]);
  });

  it('asks one question at a time', async () => {
    let tell = (_: boolean) => {};
    const slow = createConsent({
      settings,
      chooseFile: async () => null,
      askToRun: () =>
        new Promise<boolean>((resolve) => {
          tell = resolve;
        }),
    });
    const first = slow.admit(draft('https://host.test/feed', 'one'), 'json');
    await expect(slow.admit(draft('https://host.test/feed', 'two'), 'json')).rejects.toEqual(refusal('refused'));
    tell(true);
    await first;
  });
});
