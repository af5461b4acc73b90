import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from '../../gateway/gateway';
import { realDisk } from '../engine/journal/disk';
import { createJournal } from '../engine/journal/journal';
import { entry, event, someTime } from '../engine/journal/samples';
import { openInline } from '../engine/journal/workers';
import { createFakeClock } from '../engine/simulation/fake-clock';
import { recordLive } from './record-live';
import { readRecordOptions } from './record-options';
import { recordStored } from './record-stored';
import { readReplayOptions } from './replay-options';
import { replay } from './replay-run';

let folder: string;
let out: string;
let gateway: Gateway;
let said: string[];
const say = (line: string) => void said.push(line);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-record-'));
  out = join(folder, 'out.jsonl.gz');
  said = [];
  gateway = createGateway({ feed: 'none', streams: ['orders'] });
});
afterEach(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

function optionsOf(...args: string[]) {
  const options = readRecordOptions(args);
  if (options === 'help' || 'error' in options) throw new Error(JSON.stringify(options));
  return options;
}

/** The lines of a recording as `replay --json` prints them. */
async function played(...args: string[]) {
  const options = readReplayOptions([out, '--json', '--speed', '100', ...args]);
  if (options === 'help' || 'error' in options) throw new Error(JSON.stringify(options));
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const code = await replay(options, { write, say, keys: null, stop: new AbortController().signal });
  return { code, lines };
}

describe('record and replay', () => {
  it('write down a live feed and play it again', async () => {
    const { url } = await gateway.listen();
    const options = optionsOf(`${url}/v1/orders`, '--out', out);
    const stop = new AbortController();
    const recording = recordLive(`${url}/v1/orders`, options, say, stop.signal);
    await expect.poll(() => gateway.stats().clients.websocket).toBe(1);
    for (let number = 1; number <= 50; number += 1) {
      await gateway.publish('orders', { type: 'order', data: { number, text: 'é' } });
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    stop.abort();
    expect(await recording).toBe(0);
    expect(said.at(-1)).toBe(`50 events written to ${out}`);

    const { code, lines } = await played();
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ kind: 'recording', version: 1, source: { protocol: 'gateway' } });
    const events = lines.filter(({ kind }) => kind === 'event');
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(events[6]?.body).toBe('{"number":7,"text":"é"}');
    expect(lines.filter(({ kind }) => kind === 'state').map(({ to }) => to)).toContain('live');
    expect(lines.at(-1)).toMatchObject({ kind: 'end', events: 50, whole: true });
  });

  it('promise 10: write down a gap between the events it stands between', async () => {
    await mkdir(join(folder, 'journal'));
    const journal = createJournal({
      openWorker: () => openInline(realDisk),
      clock: createFakeClock({ wall: someTime }),
      folder: join(folder, 'journal'),
    });
    const lost = { stream: 'metrics', epoch: '', from: 0, to: null, status: 'lost', cause: 'no-replay' } as const;
    // Noticed by a clock that was ahead, then by one that was behind.
    const gaps = [3, 6].map((before) => {
      const at = someTime + (before === 3 ? 60_000 : 0);
      return { ...lost, id: `g${before}`, openedAt: at, closedAt: at, before };
    });
    journal.append({ ...entry('a', 1, 0, 8), gaps });
    await journal.close();
    await writeFile(
      join(folder, 'settings.json'),
      JSON.stringify({ sources: [{ id: 'a', name: 'Orders', url: 'http://h.test/x', protocol: 'json', ladder }] }),
    );
    expect(await recordStored('a', optionsOf('Orders', '--out', out, '--user-data', folder), say)).toBe(0);
    const { lines } = await played();
    const order = lines.flatMap(({ kind, id, body }) => (kind === 'gap' ? [id] : kind === 'event' ? [body] : []));
    const bodies = Array.from({ length: 8 }, (_, n) => event(n).body);
    expect(order).toEqual([...bodies.slice(0, 3), 'g3', ...bodies.slice(3, 6), 'g6', ...bodies.slice(6)]);
  });

  it('write down what the journal has of a source, whole bodies included', async () => {
    await mkdir(join(folder, 'journal'));
    const journal = createJournal({
      openWorker: () => openInline(realDisk),
      clock: createFakeClock({ wall: someTime }),
      folder: join(folder, 'journal'),
    });
    const long = { ...event(2000), body: `"${'☃'.repeat(20_000)}"`, bytes: 60_002 };
    const bytes = new Uint8Array(20_000).map((_, index) => index);
    const binary = { ...event(2001), body: bytes, bytes: bytes.length };
    const whole = entry('a', 1, 0, 2000);
    journal.append({ ...whole, events: [...whole.events, long, binary] });
    await journal.close();
    const sources = [{ id: 'a', name: 'Orders', url: 'http://h.test/x', protocol: 'json', ladder: ladder }];
    await writeFile(join(folder, 'settings.json'), JSON.stringify({ sources }));

    const options = optionsOf('Orders', '--user-data', folder, '--out', out);
    expect(await recordStored('Orders', options, say)).toBe(0);
    const { lines } = await played();
    const events = lines.filter(({ kind }) => kind === 'event');
    expect(events).toHaveLength(2002);
    expect(events[1000]).toMatchObject({ seq: event(1000).position?.seq, body: event(1000).body });
    expect(events[2000]?.body).toBe(long.body);
    expect(Buffer.from(String(events[2001]?.base64), 'base64').equals(bytes)).toBe(true);

    await rm(out);
    const [from, to] = [someTime + 500, someTime + 599].map((at) => new Date(at).toISOString());
    const part = optionsOf('a', '--user-data', folder, '--out', out, '--from', from ?? '', '--to', to ?? '');
    expect(await recordStored('a', part, say)).toBe(0);
    expect((await played()).lines.filter(({ kind }) => kind === 'event')).toHaveLength(100);

    expect(await recordStored('Nobody', options, say)).toBe(1);
    expect(said.at(-1)).toMatch(/no source "Nobody"/);
  });

  it.each([
    [[], /What to record is missing/],
    [['http://h.test/x'], /--out FILE/],
    [['Orders', '--out', 'x', '--for', '3'], /--for is for addresses/],
    [['http://h.test/x', '--out', 'x', '--from', '2026-01-01T00:00:00Z'], /--from is for sources/],
    [['Orders', '--out', 'x', '--from', '2026-01-01T00:00:00'], /with its zone/],
    [['http://h.test/x', '--out', 'x', '--for', 'soon'], /--for takes seconds/],
  ])('record %j is refused in a sentence', (args, said) => {
    expect(readRecordOptions(args)).toMatchObject({ error: expect.stringMatching(said) });
  });

  it.each([
    [[], /file is missing/],
    [['a.gz', '--speed', '0.05'], /--speed takes 0.1 to 100/],
    [['a.gz', '--from', 'noon'], /--from takes seconds/],
  ])('replay %j is refused in a sentence', (args, said) => {
    expect(readReplayOptions(args)).toMatchObject({ error: expect.stringMatching(said) });
  });
});

const ladder = [{ transport: 'sse', url: 'http://h.test/x', intervalSeconds: 5 }];
