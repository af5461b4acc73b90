import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reachSchema } from '../../../shared/reach';
import { recipeSchema } from '../../../shared/recipe';
import { withOpening } from '../../../shared/recipe-opening';
import { createFakeEngine, type FakeEngine } from '../../engine/relay/testing/fake-engine';
import { memorySecrets } from '../secrets/testing/memory-secrets';
import { openSettings, type SettingsStore } from '../settings/settings';
import type { Consent } from './consent';
import { createSourceDesk, type InferredLadder, type SourceDesk, thisMachineId } from './source-desk';
import { createWillingConsent } from './testing/willing-consent';

let folder: string;
let engine: FakeEngine;
let settings: SettingsStore;
let desk: SourceDesk;
let kept: ReturnType<typeof memorySecrets>;
let consent: Consent;

const infer = (url: string): InferredLadder =>
  url.startsWith('http')
    ? {
        ok: true,
        protocol: 'gateway',
        ladder: [
          { transport: 'sse', url: `${url}/sse`, intervalSeconds: 5 },
          { transport: 'poll', url: `${url}/poll`, intervalSeconds: 5 },
        ],
      }
    : { ok: false, errors: [{ field: 'url', message: 'Not an address.', fix: 'Write https://…' }] };

const draft = (change: Partial<Parameters<SourceDesk['add']>[0]> = {}) =>
  ({ name: 'Orders', url: 'http://host.test/v1/orders', protocol: 'auto', ...change }) as const;

let wall = 1_000;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-desk-'));
  engine = createFakeEngine();
  settings = await openSettings(folder);
  kept = memorySecrets();
  consent = createWillingConsent(settings);
  let id = 0;
  const newId = () => {
    id += 1;
    return `id${id}`;
  };
  desk = createSourceDesk({ engine, settings, infer, newId, wall: () => wall, consent, sealer: kept.sealer });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const stored = async () => (await openSettings(folder)).current();
const error = (kind: string) => expect.objectContaining({ error: expect.objectContaining({ kind }) });

describe('sources', () => {
  it('behaviour 44: what a person chose, protocol or rungs, is no guess, and stays so when it is stored', async () => {
    const rung = { transport: 'poll', url: 'http://host.test/v1/orders', intervalSeconds: 5 } as const;
    expect((await desk.add(draft({ protocol: 'gateway' }))).inferred).toBe(false);
    expect((await desk.add(draft({ ladder: [rung] }))).inferred).toBe(false);
    expect((await stored()).sources.map(({ inferred }) => inferred)).toEqual([false, false]);
  });

  it('keeps how a feed is read and spoken to through an edit that does not speak of it, and lets it go when told', async () => {
    const recipe = recipeSchema.parse({ name: 'mine', title: 'Mine', talk: { open: [{ send: 'hello' }] } });
    const { id } = await desk.add(draft({ recipe }));
    expect((await desk.edit(id, draft({ name: 'Other' }))).recipe).toEqual(recipe);
    expect((await stored()).sources[0]?.recipe).toEqual(recipe);
    expect((await desk.edit(id, draft({ recipe: null }))).recipe).toBeUndefined();
    expect((await stored()).sources[0]).not.toHaveProperty('recipe');
  });

  it('whose answers may be billed wait for a person after a restart of the application', async () => {
    const recipe = recipeSchema.parse({ name: 'llm', title: 'LLM', ask: { post: { body: '{}', billed: true } } });
    const { id } = await desk.add(draft({ recipe }));
    const other = await desk.add(draft());
    await desk.startAll();
    const paused = (await stored()).sources.map((source) => [source.id, source.paused]);
    expect(paused).toEqual([
      [id, true],
      [other.id, false],
    ]);
    expect(engine.view(id)?.config.paused).toBe(true);
  });

  it('promise 11: an order that the disk does not take changes nothing, a pause and a pin neither', async () => {
    const { id } = await desk.add(draft());
    const full: SettingsStore = {
      ...settings,
      current: () => settings.current(),
      change: () => Promise.reject(new Error('The settings could not be saved, so nothing was changed (ENOSPC).')),
    };
    const onFullDisk = createSourceDesk({
      engine,
      settings: full,
      infer,
      newId: () => 'x',
      wall: () => wall,
      consent,
      sealer: kept.sealer,
    });
    const before = [...engine.asked];
    for (const order of ['pause', { pin: 1 }] as const) {
      await expect(onFullDisk.command(id, order)).rejects.toThrow('nothing was changed');
    }
    expect(engine.asked).toEqual(before);
    expect(engine.view(id)?.config).toMatchObject({ paused: false, pinnedRung: null });
    // What does not outlive the run needs no disk.
    await onFullDisk.command(id, 'retry');
    expect(engine.asked).not.toEqual(before);
  });

  it('hostile 3: with a secret in the address are stored with its name, and forget it with the source', async () => {
    const typed = 'http://me:planted@host.test/v1/orders?key=planted-too&x=1';
    const headers = [['X-Api-Key', 'planted-again']] satisfies [string, string][];
    const { id, url } = await desk.add(draft({ url: typed, reach: reachSchema.parse({ headers }) }));
    expect(url).toBe('http://*secret.place-1*@host.test/v1/orders?key=*secret.place-2*&x=1');
    const values = { 'place-1': 'me:planted', 'place-2': 'planted-too', 'place-3': 'planted-again' };
    expect(kept.values()).toEqual(values);
    expect(JSON.stringify(await stored())).not.toContain('planted');
    expect(JSON.stringify(engine.views())).not.toContain('planted');
    const reach = reachSchema.parse({ credential: { kind: 'token-command', command: 'get --password planted' } });
    await expect(desk.edit(id, draft({ url: typed, reach }))).rejects.toEqual(error('invalid'));
    await desk.edit(id, draft({ url: typed.replace('planted-too', 'planted-new') }));
    expect(kept.values()).toMatchObject({ 'place-1': 'me:planted', 'place-4': 'planted-new' });
  });

  it('hostile 3: leave no secret behind that the disk did not take', async () => {
    const full: SettingsStore = { ...settings, change: () => Promise.reject(new Error('ENOSPC')) };
    const onFullDisk = createSourceDesk({
      engine,
      settings: full,
      infer,
      newId: () => 'x',
      wall: () => wall,
      consent,
      sealer: kept.sealer,
    });
    await expect(onFullDisk.add(draft({ url: 'http://host.test/v1/orders?key=planted' }))).rejects.toThrow('ENOSPC');
    expect(kept.values()).toEqual({});
  });

  it('are stored, then watched, and come back at the next start', async () => {
    const config = await desk.add(draft());
    expect(config).toMatchObject({ id: 'id1', name: 'Orders', protocol: 'gateway', builtIn: false });
    expect((await stored()).sources).toEqual([config]);
    expect(config.inferred).toBe(true);
    const next = createFakeEngine();
    await createSourceDesk({
      engine: next,
      settings: await openSettings(folder),
      infer,
      newId: () => 'x',
      wall: () => wall,
      consent,
      sealer: kept.sealer,
    }).startAll();
    expect(next.asked).toEqual(['add id1']);
  });

  it('tell since when they are read as they are, where that changed', async () => {
    const recipe = recipeSchema.parse({ name: 'own', title: 'Own', read: { time: 'at' } });
    const { id, readSince } = await desk.add(draft({ recipe }));
    expect(readSince).toBeUndefined();
    expect((await desk.edit(id, draft({ recipe: { ...recipe, title: 'Mine' } }))).readSince).toBeUndefined();
    wall = 5_000;
    const values = [{ path: 'price', kind: 'gauge' as const }];
    expect(await desk.edit(id, draft({ recipe: { ...recipe, values } }))).toMatchObject({ readSince: 5_000 });
    wall = 6_000;
    expect(await desk.edit(id, draft({ name: 'Renamed' }))).toMatchObject({ readSince: 5_000, recipe: { values } });
    expect(await desk.edit(id, draft({ recipe: null }))).toMatchObject({ readSince: 6_000 });
  });

  it('hostile 16: without a name take the last part of their path and their host, and no two the same', async () => {
    const first = await desk.add(draft({ name: '  ' }));
    expect(first).toMatchObject({ name: 'orders · host.test' });
    expect(await desk.add(draft({ name: '' }))).toMatchObject({ name: 'orders · host.test 2' });
    // Itself is not in its own way.
    expect(await desk.edit(first.id, draft({ name: '' }))).toMatchObject({ name: 'orders · host.test' });
  });

  it('whose login is a message on open keep to WebSocket, and are refused where there is none', async () => {
    const recipe = withOpening(undefined, [{ send: '*secret.login*', login: true }]);
    const websocket = { transport: 'websocket', url: 'ws://host.test/v1/orders/ws', intervalSeconds: 5 } as const;
    const poll = { transport: 'poll', url: 'http://host.test/v1/orders/poll', intervalSeconds: 5 } as const;
    expect((await desk.add(draft({ recipe, ladder: [websocket, poll] }))).ladder).toEqual([websocket]);
    await expect(desk.add(draft({ recipe }))).rejects.toMatchObject({
      error: {
        kind: 'invalid',
        errors: [{ field: 'recipe', message: expect.stringContaining('needs a WebSocket') }],
      },
    });
  });

  it('with a bad address are refused by field, with what to do, and change nothing', async () => {
    await expect(desk.add(draft({ url: 'nonsense' }))).rejects.toMatchObject({
      error: { kind: 'invalid', errors: [{ field: 'url', fix: 'Write https://…' }] },
    });
    expect(engine.asked).toEqual([]);
    expect((await stored()).sources).toEqual([]);
  });

  it('keep pause and pin across restarts', async () => {
    const { id } = await desk.add(draft());
    await desk.command(id, 'pause');
    await desk.command(id, { pin: 1 });
    expect((await stored()).sources[0]).toMatchObject({ paused: true, pinnedRung: 1 });
    await desk.edit(id, draft({ name: 'Orders EU' }));
    expect((await stored()).sources[0]).toMatchObject({ name: 'Orders EU', paused: true, pinnedRung: 1 });
    await expect(desk.command(id, { pin: 2 })).rejects.toEqual(error('refused'));
  });

  it('that went are gone from disk and engine', async () => {
    const { id } = await desk.add(draft());
    await desk.remove(id);
    expect((await stored()).sources).toEqual([]);
    expect(engine.views()).toEqual([]);
    await expect(desk.remove(id)).rejects.toEqual(error('not-found'));
    await expect(desk.edit(id, draft())).rejects.toEqual(error('not-found'));
    await expect(desk.command(id, 'retry')).rejects.toEqual(error('not-found'));
  });
});

describe('This machine', () => {
  it('can be paused, not edited or removed, and moves with its gateway', async () => {
    await desk.setThisMachine('http://127.0.0.1:5000/v1/host');
    await desk.command(thisMachineId, 'pause');
    expect((await stored()).thisMachine).toEqual({ paused: true, pinnedRung: null });
    await expect(desk.remove(thisMachineId)).rejects.toEqual(error('refused'));
    await expect(desk.edit(thisMachineId, draft())).rejects.toEqual(error('refused'));
    await desk.setThisMachine('http://127.0.0.1:5001/v1/host');
    expect(engine.view(thisMachineId)?.config).toMatchObject({
      builtIn: true,
      paused: true,
      url: 'http://127.0.0.1:5001/v1/host',
    });
    expect((await stored()).sources).toEqual([]);
  });
});
