import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Draft } from '../backplane/backplane';
import { createGateway, type Gateway } from '../gateway';
import { ask, type Json, openWebSocket } from '../testing/independent-client';
import { createHostFeed } from './host';
import { createRates, parseDiskStats, parseNetDev, wholeDisks } from './host/counters';
import { createCpuLoad } from './host/cpu-load';
import { createHostReadings, type HostReadings } from './host/readings';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const fixed = (changes: Partial<HostReadings> = {}): HostReadings => {
  const reading = (type: string) => async () => ({ type, data: {} });
  return {
    cpu: reading('cpu'),
    memory: reading('memory'),
    network: reading('network'),
    disk: reading('disk'),
    temperature: reading('temperature'),
    filesystems: reading('filesystems'),
    host: reading('host'),
    processes: reading('processes'),
    ...changes,
  };
};

/** Runs a feed of 10 ms steps and gives what it published, step by step. */
async function steps(count: number, readings: HostReadings, watched: boolean) {
  const batches: string[][] = [];
  const trouble: string[] = [];
  let reached: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const feed = createHostFeed({
    readings,
    stepMs: 10,
    onTrouble: (message) => trouble.push(message),
    append: async (drafts: readonly Draft[]) => {
      batches.push(drafts.map(({ type }) => type));
      if (batches.length === count) reached();
    },
  });
  feed.setWatched(watched);
  feed.start();
  await done;
  await feed.stop();
  return { batches: batches.slice(0, count), trouble };
}

describe('host feed', () => {
  it('publishes each kind at its turn', async () => {
    const { batches } = await steps(22, fixed(), false);
    const turns = (type: string) => batches.flatMap((batch, index) => (batch.includes(type) ? [index] : []));
    expect(turns('cpu')).toHaveLength(22);
    expect(turns('memory')).toHaveLength(22);
    expect(turns('temperature')).toEqual([0, 10, 20]);
    expect(turns('filesystems')).toEqual([0]);
    expect(turns('host')).toEqual([0]);
    expect(turns('processes')).toEqual([]);
  });

  it('lists processes only while watched, from the next step on', async () => {
    const { batches } = await steps(12, fixed(), true);
    expect(batches.flatMap((batch, index) => (batch.includes('processes') ? [index] : []))).toEqual([0, 10]);
  });

  it('asks rarely for a temperature that is not there', async () => {
    let asked = 0;
    const temperature = async () => {
      asked += 1;
      return null;
    };
    await steps(60, fixed({ temperature }), false);
    expect(asked).toBe(3);
  });

  it('goes on without what fails, and says so once', async () => {
    const failing = fixed({ network: () => Promise.reject(new Error('no such file')) });
    const { batches, trouble } = await steps(5, failing, false);
    expect(batches[4]).toContain('cpu');
    expect(batches[4]).not.toContain('network');
    expect(trouble).toEqual(['Reading network of this machine failed: Error: no such file']);
  });

  it('publishes nothing once stopped', async () => {
    let appended = 0;
    const append = async () => {
      appended += 1;
    };
    const feed = createHostFeed({ readings: fixed(), stepMs: 5, onTrouble: () => undefined, append });
    feed.start();
    await sleep(30);
    await feed.stop();
    const before = appended;
    await sleep(30);
    expect(appended).toBe(before);
  });
});

describe('readings', () => {
  it('read this very machine', async () => {
    const readings = createHostReadings();
    expect(await readings.cpu()).toBeNull();
    await Promise.all([readings.network(), readings.disk()]);
    await sleep(50);
    const cpu = await readings.cpu();
    expect(cpu).toMatchObject({ type: 'cpu', data: { percent: expect.any(Number), load1: expect.any(Number) } });
    expect(cpu?.data).toHaveProperty('cores.length', cpus().length);
    const memory = await readings.memory();
    const { totalBytes = 0, availableBytes = 0, usedBytes = 0 } = (memory?.data ?? {}) as Record<string, number>;
    expect(totalBytes).toBeGreaterThan(1e8);
    expect(usedBytes).toBe(totalBytes - availableBytes);
    expect(await readings.network()).toMatchObject({ data: { rxBytesPerSecond: expect.any(Number) } });
    expect(await readings.disk()).toMatchObject({ data: { writeBytesPerSecond: expect.any(Number) } });
    expect(await readings.host()).toMatchObject({ data: { uptimeSeconds: expect.any(Number), arch: process.arch } });
    const processes = await readings.processes();
    expect(processes?.data).toHaveProperty('top.0.pid');
  });

  it('turn times into load', () => {
    const load = createCpuLoad();
    const core = (user: number, sys: number, idle: number) => ({
      model: '',
      speed: 0,
      times: { user, nice: 0, sys, irq: 0, idle },
    });
    expect(load([core(0, 0, 0), core(0, 0, 0)])).toBeNull();
    expect(load([core(50, 25, 25), core(0, 0, 100)])).toEqual({
      percent: 37.5,
      userPercent: 25,
      systemPercent: 12.5,
      cores: [75, 0],
    });
    expect(load([core(60, 25, 25)])).toBeNull();
    expect(load([core(60, 25, 25)])).toMatchObject({ percent: 0 });
  });

  it('turn counters into rates, and give none for what is new or started over', () => {
    const rates = createRates();
    const count = (name: string, bytes: number) => ({ name, inBytes: bytes, outBytes: 2 * bytes });
    expect(rates([count('a', 100), count('b', 100)], 0)).toBeNull();
    expect(rates([count('a', 600), count('b', 50), count('c', 9)], 2_000)).toEqual([
      { name: 'a', inRate: 250, outRate: 500 },
    ]);
  });

  it('parse /proc', () => {
    const net = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
  eth0: 680591347   19428    0    0    0     0          0         0  1261459   12034    0    0    0     0       0          0
`;
    expect(parseNetDev(net)).toEqual([{ name: 'eth0', inBytes: 680_591_347, outBytes: 1_261_459 }]);
    const disks = wholeDisks(['loop0', 'vda', 'zram0', 'dm-0', 'nvme0n1']);
    expect([...disks]).toEqual(['vda', 'nvme0n1']);
    const stats = ` 254       0 vda 63729 16441 3813490 27630 22681 35399 3627472 13402 0 7992 41641
 254       1 vda1 1 1 1 1 1 1 1 1 0 1 1
 253       0 zram0 0 0 0 0 0 0 0 0 0 0 0
`;
    expect(parseDiskStats(stats, disks)).toEqual([
      { name: 'vda', inBytes: 3_813_490 * 512, outBytes: 3_627_472 * 512 },
    ]);
  });
});

describe('host stream of a gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-host-'));
  let gateway: Gateway | null = null;

  afterEach(async () => {
    await gateway?.close();
    gateway = null;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is live within two seconds, read-only, and goes on after a restart where it was', async () => {
    gateway = createGateway({ stateDir: folder });
    const { url } = await gateway.listen();
    const client = await openWebSocket(`${url}/v1/host`, '?last=100');
    await client.until(({ type }) => type === 'cpu', 2_500);
    const refused = await ask(`${url}/v1/host`, { method: 'POST', body: '{"type":"a","data":1}' });
    expect(refused).toMatchObject({ status: 403, json: { error: { kind: 'read-only' } } });
    const seen = client.seqs();
    expect(seen).toEqual(seen.map((_, index) => index + 1));
    await gateway.close();
    gateway = createGateway({ stateDir: folder });
    const again = await gateway.listen();
    const last = client.events().at(-1) as Json;
    const resumed = await openWebSocket(`${again.url}/v1/host`, `?after=${last.epoch}:${last.seq}`);
    const hello = await resumed.until(({ kind }) => kind === 'hello');
    expect(hello).toMatchObject({ epoch: last.epoch, from: last.seq });
    await resumed.until(({ type }) => type === 'memory', 2_500);
    expect(resumed.seqs()[0]).toBe(Number(last.seq) + 1);
    resumed.close();
  });
});
