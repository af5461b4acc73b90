import { describe, expect, it } from 'vitest';
import { maxAlertRules } from '../../../shared/alert';
import { type SourceConfig, sourceSchema } from '../../../shared/source';
import { memorySecrets } from '../secrets/testing/memory-secrets';
import { freshSettings, type Settings } from '../settings/schema';
import type { SettingsStore } from '../settings/settings';
import { createWillingConsent } from '../sources/testing/willing-consent';
import { createBackupDesk } from './backup-desk';
import { readBackup, writeBackup } from './backup-file';

const source = (id: string, change: Partial<SourceConfig> = {}): SourceConfig =>
  sourceSchema.parse({
    id,
    name: id.toUpperCase(),
    url: `https://${id}.test/v1/orders`,
    protocol: 'gateway',
    ladder: [{ transport: 'poll', url: `https://${id}.test/v1/orders/poll` }],
    ...change,
  });

const eleven = Array.from({ length: 11 }, (_, at) => source(`s${at}`));

function rig(before: Partial<Settings> = {}, allows = true, save?: () => Promise<string | null>) {
  let settings: Settings = { ...freshSettings(), ...before };
  let text = '';
  let writes = 0;
  let number = 0;
  const done: string[] = [];
  const kept: string[] = [];
  const forgotten: string[] = [];
  const { sealer, values } = memorySecrets();
  const store: SettingsStore = {
    current: () => settings,
    async change(edit) {
      settings = edit(settings);
      writes += 1;
    },
    notices: [],
    settled: async () => {},
  };
  const desk = createBackupDesk({
    settings: store,
    engine: {
      setAlertRules: (rules) => void done.push(`rules ${rules.length}`),
    },
    put: async (id) => void done.push(`put ${id}`),
    wall: () => 0,
    newToken: () => `t${++number}`,
    secrets: () => [],
    open: async () => ({ name: 'backup.json', text }),
    save: async (name, written) => {
      if (save) return save();
      text = written;
      return name;
    },
    consent: createWillingConsent(store, { askToRun: async () => allows }),
    askToOpen: async () => allows,
    kept: async (id) => void kept.push(id),
    sealer,
    forgetSecrets: async (names) => void forgotten.push(...names),
  });
  return {
    desk,
    done,
    kept,
    forgotten,
    values,
    choose: (next: string) => {
      text = next;
    },
    written: () => text,
    writes: () => writes,
    settings: () => settings,
    put: (next: Settings) => {
      settings = next;
    },
  };
}

const backupOf = (sources: readonly unknown[], more: object = {}) =>
  JSON.stringify({ kind: 'wirewatch-backup', version: 1, madeAt: 5, sources, ...more });

describe('behaviour 34: import of a backup', () => {
  it('hostile 3: secrets in addresses and headers of the file go where secrets are kept, and a command with one is refused', async () => {
    const held = source('a', { url: 'https://me:planted-1@a.test/v1/orders?key=planted-2' });
    const into = rig();
    into.choose(backupOf([held]));
    const shown = await into.desk.preview();
    expect(shown).toMatchObject({ problems: [], items: [{ change: 'added', secretsMissing: false }] });
    expect(into.values()).toEqual({});
    await into.desk.apply(shown?.token ?? '');
    expect(JSON.stringify(into.settings())).not.toContain('planted');
    expect(Object.values(into.values()).sort()).toEqual(['me:planted-1', 'planted-2']);
    await into.desk.write();
    expect(into.written()).not.toContain('planted');

    const command = { credential: { kind: 'token-command', command: 'get --password planted' } };
    into.choose(backupOf([{ ...source('b'), reach: command }]));
    const refused = await into.desk.preview();
    expect(refused).toMatchObject({ token: null, problems: [{ field: 'sources.0.reach.credential.command' }] });
    expect(JSON.stringify(refused)).not.toContain('planted');
  });

  it('brings all eleven of eleven back, in one write, previewed before', async () => {
    const out = rig({ sources: eleven });
    expect(await out.desk.write()).toBe('wirewatch-1970-01-01.json');
    const back = rig();
    back.choose(out.written());
    const preview = await back.desk.preview();
    expect(preview?.items.map(({ name, change }) => [name, change])).toEqual(eleven.map(({ name }) => [name, 'added']));
    expect(back.settings().sources).toEqual([]);
    await back.desk.apply(preview?.token ?? '');
    expect(back.settings().sources).toEqual(eleven);
    expect(back.writes()).toBe(1);
    expect(back.done).toEqual(['rules 0', ...eleven.map(({ id }) => `put ${id}`)]);
  });

  it('replaces what has the same id, says in what, and leaves the rest alone', async () => {
    const { desk, choose, settings, done, kept } = rig({ sources: [source('a'), source('b'), source('c')] });
    choose(writeBackup({ ...freshSettings(), sources: [source('b', { name: 'New' }), source('c'), source('d')] }, 9));
    const preview = await desk.preview();
    expect(preview?.items.map(({ change, differs }) => [change, differs])).toEqual([
      ['replaced', ['name']],
      ['unchanged', []],
      ['added', []],
    ]);
    await desk.apply(preview?.token ?? '');
    expect(settings().sources.map(({ id, name }) => [id, name])).toEqual([
      ['a', 'A'],
      ['b', 'New'],
      ['c', 'C'],
      ['d', 'D'],
    ]);
    expect(done, 'what is unchanged is left alone').toEqual(['rules 0', 'put b', 'put d']);
    expect(kept).toEqual(['b', 'd']);
  });

  it('is all or nothing: one bad entry, named with its field, and nothing can be applied', async () => {
    const { desk, choose, writes } = rig();
    choose(backupOf([...eleven, { ...source('bad'), ladder: [{ transport: 'sse', url: 'ftp://x' }] }]));
    const preview = await desk.preview();
    expect(preview?.token).toBeNull();
    expect(preview?.problems).toMatchObject([
      {
        field: 'sources.11.ladder.0.url',
        message: expect.stringMatching(/^BAD: .*[^.][.]$/),
        fix: expect.stringMatching(/./),
      },
    ]);
    await expect(desk.apply('t1')).rejects.toThrow();
    expect(writes()).toBe(0);
  });

  it('takes a login by a first message, of an earlier version, for the first that is said on open', () => {
    const reach = { credential: { kind: 'first-message', message: 'login' } };
    const older = { ...source('a'), reach, recipe: undefined };
    const read = readBackup(JSON.stringify({ kind: 'wirewatch-backup', version: 1, sources: [older] }));
    expect([read.problems, read.unknown]).toEqual([[], []]);
    expect(read.sources[0]?.recipe?.talk.open).toMatchObject([{ send: '*secret.login*', login: true }]);
  });

  it('tells unknown fields, however deep', () => {
    const one = { ...source('a'), colour: 'red', ladder: [{ ...source('a').ladder[0], speed: 9 }] };
    const read = readBackup(backupOf([one], { theme: 'dark' }));
    expect(read.problems).toEqual([]);
    expect(read.unknown).toEqual(['theme', 'sources.0.ladder.0.speed', 'sources.0.colour']);
  });

  it.each([
    ['', /not JSON/],
    ['{"a":1}', /no backup/],
    ['[]', /no backup/],
    [backupOf([], { version: 2 }), /version 2/],
    [backupOf([source('a'), source('a')]), /twice/],
    [backupOf([source('this-machine')]), /built in/],
    [JSON.stringify({ kind: 'wirewatch-backup', version: 1 }), /It is missing/],
    [backupOf([{ ...source('a'), protocol: 7 }]), /^A: It has to be gateway, .* or /],
    [backupOf([{ ...source('a'), url: undefined }]), /^A: It is missing/],
  ])('refuses %s with the reason', (text, reason) => {
    const { problems } = readBackup(text);
    expect(problems.map(({ message }) => message).join()).toMatch(reason);
  });

  const many = Array.from({ length: 200_000 }, (_, at) => at);
  const members = Object.fromEntries(many.map((at) => [`member ${at}`, at]));

  it.each([
    ['a ladder of many rungs', [{ ...source('a'), ladder: many }], {}, 'sources.0'],
    ['many headers', [{ ...source('a'), reach: { headers: many } }], {}, 'sources.0'],
    ['many members', [{ ...source('a'), ...members }], {}, 'sources.0'],
    ['many sources', many, {}, 'sources'],
    ['many rules', [], { alertRules: many }, 'alertRules'],
    ['a rule that goes deep', [], { alertRules: [JSON.parse(`${'['.repeat(50)}${']'.repeat(50)}`)] }, 'alertRules.0'],
    ['five hundred bad sources', many.slice(0, 500), {}, 'sources.0'],
  ])('hostile 7: refuses %s by the entry, in few words', async (_what, sources, more, field) => {
    const { desk, choose } = rig();
    choose(backupOf(sources, more));
    const preview = await desk.preview();
    expect(preview).toMatchObject({ token: null });
    expect(preview?.problems[0]?.field).toBe(field);
    expect(JSON.stringify(preview).length).toBeLessThan(100_000);
  });

  it('hostile 7: names a few of the members it does not know, and how many more there are', async () => {
    const { desk, choose } = rig();
    choose(backupOf([source('a')], { ['x'.repeat(100_000)]: 1, ...members }));
    const preview = await desk.preview();
    expect(preview).toMatchObject({ token: 't1', problems: [] });
    expect(preview?.unknown).toContain('and 199982 more');
    expect(JSON.stringify(preview).length).toBeLessThan(10_000);
  });

  it('hostile 7: does not make the values of a file that holds nothing else', () => {
    const { problems } = readBackup(`{"kind":"wirewatch-backup","version":1,"sources":${'['.repeat(20_000_000)}`);
    expect(problems).toMatchObject([{ message: expect.stringMatching(/more than 500000 values/) }]);
  });

  it('hostile 7: has one dialog open at a time', async () => {
    let answer = (_name: string | null) => {};
    const asked = new Promise<string | null>((resolve) => {
      answer = resolve;
    });
    const { desk } = rig({}, true, () => asked);
    const first = desk.write();
    await expect(desk.write()).rejects.toMatchObject({ error: { kind: 'refused' } });
    await expect(desk.preview()).rejects.toMatchObject({ error: { kind: 'refused' } });
    answer(null);
    expect(await first).toBeNull();
    expect(await desk.preview()).not.toBeNull();
  });

  it('brings no more rules than there may be, with those that are here, nor what grew too many since the preview', async () => {
    const rule = (id: string) => ({
      id,
      name: id,
      source: null,
      severity: 'info' as const,
      enabled: true,
      condition: { kind: 'gap' as const },
    });
    const held = Array.from({ length: maxAlertRules }, (_, at) => rule(`r${at}`));
    const { desk, choose, writes, settings } = rig({ alertRules: held });
    choose(backupOf([], { alertRules: [rule('one-more')] }));
    const preview = await desk.preview();
    expect(preview).toMatchObject({ token: null, problems: [{ field: 'alertRules', fix: 'Remove some first.' }] });
    expect(writes()).toBe(0);

    const later = rig({ alertRules: held.slice(1) });
    later.choose(backupOf([], { alertRules: [rule('one-more')] }));
    const { token } = (await later.desk.preview()) ?? {};
    later.put({ ...later.settings(), alertRules: held });
    await expect(later.desk.apply(token ?? '')).rejects.toMatchObject({ error: { kind: 'refused' } });
    expect(later.settings().alertRules).toEqual(held);
    expect(settings().alertRules).toEqual(held);
  });

  it('forgets the secrets of what is replaced, where nothing names them any more', async () => {
    const reach = { credential: { kind: 'bearer', token: 'old' } } as never;
    const { desk, choose, forgotten } = rig({ sources: [source('a', { reach })] });
    choose(backupOf([source('a')]));
    await desk.apply((await desk.preview())?.token ?? '');
    expect(forgotten).toEqual(['old']);
  });

  it.each([
    ['a command', source('a', { reach: { credential: { kind: 'token-command', command: 'get-token' } } as never })],
    ['a file', source('a', { protocol: 'recording', url: 'file:///tmp/a.jsonl.gz', ladder: [] })],
  ])('asks before it brings %s along, and imports nothing when it is not allowed', async (_what, entry) => {
    const { desk, choose, writes } = rig({}, false);
    choose(backupOf([entry]));
    const preview = await desk.preview();
    expect(preview?.problems).toEqual([]);
    await expect(desk.apply(preview?.token ?? '')).rejects.toMatchObject({ error: { kind: 'refused' } });
    expect(writes()).toBe(0);
  });
});
