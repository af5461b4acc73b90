import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SourceConfig, secretsOfSource } from '../../../shared/source';
import { openSettings, type SettingsStore } from './settings';

let folder: string;
const file = () => join(folder, 'settings.json');

const source = (id: string): SourceConfig => ({
  id,
  name: id,
  url: 'http://host.test/v1/x',
  protocol: 'gateway',
  ladder: [{ transport: 'sse', url: 'http://host.test/v1/x/sse', intervalSeconds: 5 }],
  pinnedRung: null,
  paused: false,
  builtIn: false,
});

const add = (settings: SettingsStore, id: string) =>
  settings.change((before) => ({ ...before, sources: [...before.sources, source(id)] }));

const ids = (settings: SettingsStore) => settings.current().sources.map(({ id }) => id);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-settings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('settings', () => {
  it('start empty, with nothing to say', async () => {
    const settings = await openSettings(folder);
    expect(settings.current()).toMatchObject({ version: 1, sources: [], gatewayPort: null });
    expect(settings.notices).toEqual([]);
  });

  it('are there again after a restart, and readable by their owner only', async () => {
    const settings = await openSettings(folder);
    await add(settings, 'a');
    await add(settings, 'b');
    expect(ids(await openSettings(folder))).toEqual(['a', 'b']);
    expect((await readdir(folder)).sort()).toEqual(['settings.json', 'settings.json.bak']);
  });

  it('keep every change of many made at once', async () => {
    const settings = await openSettings(folder);
    await Promise.all(Array.from({ length: 50 }, (_, index) => add(settings, `s${index}`)));
    expect(ids(await openSettings(folder))).toHaveLength(50);
  });

  it('promise 24: of an earlier version may hold headers that a handshake owns: they are left out, the rest stays', async () => {
    const reach = {
      headers: [
        ['Host', 'x'],
        ['X-Site', 'north'],
        ['Sec-WebSocket-Protocol', 'mqtt, b'],
      ],
    };
    const stored = { version: 1, sources: [{ ...source('a'), reach }], thisMachine: {}, gatewayPort: null };
    await writeFile(file(), JSON.stringify(stored));
    const settings = await openSettings(folder);
    expect(settings.notices).toEqual([]);
    expect(settings.current().sources[0]?.reach).toMatchObject({
      headers: [['X-Site', 'north']],
      subprotocols: ['mqtt', 'b'],
    });
  });

  it('promise 24: of an earlier version may log in by a first message: it is the first that is said on open', async () => {
    const reach = { credential: { kind: 'first-message', message: 'login' }, headers: [['X-Site', 'north']] };
    const own = { name: 'mine', title: 'Mine', talk: { open: [{ send: 'subscribe' }] } };
    const sources = [
      { ...source('a'), reach },
      { ...source('b'), reach, recipe: own },
    ];
    await writeFile(file(), JSON.stringify({ version: 1, sources, thisMachine: {}, gatewayPort: null }));
    const settings = await openSettings(folder);
    expect(settings.notices).toEqual([]);
    const [a, b] = settings.current().sources;
    expect(a?.reach).toMatchObject({ credential: { kind: 'none' }, headers: [['X-Site', 'north']] });
    expect(a?.recipe?.talk.open).toEqual([{ send: '*secret.login*', login: true, withinSeconds: 10 }]);
    expect(b?.recipe).toMatchObject({ name: 'mine', talk: { open: [{ login: true }, { send: 'subscribe' }] } });
    expect(a && secretsOfSource(a)).toEqual(['login']);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['zeroed by a power loss', (text: string) => '\0'.repeat(text.length)],
    ['of another shape', () => '{"version":1,"sources":"many"}'],
  ])('that are %s give way to the backup, which is told, and the damaged file is kept', async (_what, damage) => {
    const settings = await openSettings(folder);
    await add(settings, 'a');
    await add(settings, 'b');
    const damaged = damage(await readFile(file(), 'utf8'));
    await writeFile(file(), damaged);

    const again = await openSettings(folder);
    expect(ids(again)).toEqual(['a']);
    expect(again.notices).toHaveLength(1);
    expect(again.notices[0]).toContain('backup');
    const aside = (await readdir(folder)).find((name) => name.includes('.damaged-')) ?? '';
    expect(await readFile(join(folder, aside), 'utf8')).toBe(damaged);

    const third = await openSettings(folder);
    expect(ids(third)).toEqual(['a']);
    expect(third.notices).toEqual([]);
  });

  it('whose file vanished between two renames come from the backup', async () => {
    const settings = await openSettings(folder);
    await add(settings, 'a');
    await add(settings, 'b');
    await rm(file());
    expect(ids(await openSettings(folder))).toEqual(['a']);
  });

  it('with both files damaged start afresh and say so', async () => {
    const settings = await openSettings(folder);
    await add(settings, 'a');
    await add(settings, 'b');
    await writeFile(file(), '{');
    await writeFile(`${file()}.bak`, '{');
    const again = await openSettings(folder);
    expect(ids(again)).toEqual([]);
    expect(again.notices[0]).toContain('starts empty');
  });

  it('of a newer version are set aside, not rewritten', async () => {
    const newer = '{"version":2,"everything":"else"}';
    await writeFile(file(), newer);
    const settings = await openSettings(folder);
    await add(settings, 'a');
    const aside = (await readdir(folder)).find((name) => name.includes('.damaged-')) ?? '';
    expect(await readFile(join(folder, aside), 'utf8')).toBe(newer);
  });

  it('promise 1: that are there and cannot be read are no empty settings: nothing is moved or written', async () => {
    const settings = await openSettings(folder);
    await add(settings, 'a');
    const before = await readFile(file(), 'utf8');
    await rename(file(), `${file()}.away`);
    // A folder in its place cannot be read as a file, whoever we are.
    await mkdir(file());
    await expect(openSettings(folder)).rejects.toThrow(/cannot be read.*is a folder/);
    expect((await readdir(folder)).filter((name) => name.includes('damaged'))).toEqual([]);
    await rm(file(), { recursive: true });
    await rename(`${file()}.away`, file());
    expect(ids(await openSettings(folder))).toEqual(['a']);
    expect(await readFile(file(), 'utf8')).toBe(before);
  });

  it('that cannot be written stay as they were, in memory too', async () => {
    const settings = await openSettings(folder);
    await add(settings, 'a');
    await rm(folder, { recursive: true });
    await expect(add(settings, 'b')).rejects.toThrow(/ENOENT/);
    expect(ids(settings)).toEqual(['a']);
  });
});
