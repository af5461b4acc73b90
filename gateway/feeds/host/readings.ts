import { readdirSync, readFileSync } from 'node:fs';
import { cpus, hostname, loadavg, platform, release, totalmem, uptime } from 'node:os';
import * as si from 'systeminformation';
import { type ByteCounters, createRates, parseDiskStats, parseNetDev, wholeDisks } from './counters';
import { createCpuLoad } from './cpu-load';

/** One reading of this machine, ready to be an event; null where the machine cannot tell. */
export type Reading = { readonly type: string; readonly data: unknown } | null;

const linux = platform() === 'linux';
const tenth = (value: number) => Math.round(value * 10) / 10;

/**
 * How this machine is read. systeminformation wherever it is cheap or the turn is rare; measured per call, children
 * included: `mem` 0.7 ms, `fsSize` 6 ms, `cpuTemperature` 13 ms, `osInfo` 30 ms, `processes` 105 ms. Its `currentLoad`
 * (3 ms, blocking), `networkStats` (16 ms), `fsStats` (11 ms) and `disksIO` (20 ms) start shells, too much for every
 * second: `os.cpus()` and, on Linux, /proc say the same for 0.1 ms each, read without the thread pool because /proc is memory.
 */
export interface HostReadings {
  cpu(): Promise<Reading>;
  memory(): Promise<Reading>;
  network(): Promise<Reading>;
  disk(): Promise<Reading>;
  temperature(): Promise<Reading>;
  filesystems(): Promise<Reading>;
  host(): Promise<Reading>;
  processes(): Promise<Reading>;
}

/** Whether asking systeminformation, which starts a shell for it, can give anything at all. */
function hasSensors(): boolean {
  return ['/sys/class/hwmon', '/sys/class/thermal'].some((folder) => {
    try {
      return readdirSync(folder).some((name) => /^(hwmon|thermal_zone)/.test(name));
    } catch {
      return false;
    }
  });
}

/** Reads through systeminformation, and through /proc where that would start processes every second. */
export function createHostReadings(): HostReadings {
  const cpuLoad = createCpuLoad();
  const networkRates = createRates();
  const diskRates = createRates();
  let disks: ReadonlySet<string> | null = null;
  let distro: Promise<string> | null = null;

  async function networkCounters(): Promise<readonly ByteCounters[]> {
    if (linux) return parseNetDev(readFileSync('/proc/net/dev', 'utf8'));
    const stats = await si.networkStats('*');
    return stats
      .filter(({ iface }) => !/^lo\d*$|loopback/i.test(iface))
      .map(({ iface, rx_bytes, tx_bytes }) => ({ name: iface, inBytes: rx_bytes, outBytes: tx_bytes }));
  }

  async function diskCounters(): Promise<readonly ByteCounters[] | null> {
    if (linux) {
      disks ??= wholeDisks(readdirSync('/sys/block'));
      return parseDiskStats(readFileSync('/proc/diskstats', 'utf8'), disks);
    }
    // It answers null on Windows, whatever its types say.
    const stats = (await si.fsStats()) as si.Systeminformation.FsStatsData | null;
    return stats === null ? null : [{ name: 'all', inBytes: stats.rx, outBytes: stats.wx }];
  }

  return {
    async cpu() {
      const load = cpuLoad(cpus());
      if (load === null) return null;
      const [load1, load5, load15] = loadavg();
      return { type: 'cpu', data: { ...load, ...(platform() === 'win32' ? {} : { load1, load5, load15 }) } };
    },

    async memory() {
      const { total, available, swaptotal, swapused } = await si.mem();
      return {
        type: 'memory',
        data: {
          usedBytes: total - available,
          availableBytes: available,
          totalBytes: total,
          swapUsedBytes: swapused,
          swapTotalBytes: swaptotal,
        },
      };
    },

    async network() {
      const rates = networkRates(await networkCounters(), performance.now());
      if (rates === null) return null;
      return {
        type: 'network',
        data: {
          rxBytesPerSecond: rates.reduce((sum, { inRate }) => sum + inRate, 0),
          txBytesPerSecond: rates.reduce((sum, { outRate }) => sum + outRate, 0),
          interfaces: rates.map(({ name, inRate, outRate }) => ({
            name,
            rxBytesPerSecond: inRate,
            txBytesPerSecond: outRate,
          })),
        },
      };
    },

    async disk() {
      const counters = await diskCounters();
      const rates = counters === null ? null : diskRates(counters, performance.now());
      if (rates === null) return null;
      return {
        type: 'disk',
        data: {
          readBytesPerSecond: rates.reduce((sum, { inRate }) => sum + inRate, 0),
          writeBytesPerSecond: rates.reduce((sum, { outRate }) => sum + outRate, 0),
        },
      };
    },

    async temperature() {
      if (linux && !hasSensors()) return null;
      // Null where there is no sensor, whatever its types say.
      const { main, max, cores } = (await si.cpuTemperature()) as {
        readonly main: number | null;
        readonly max: number | null;
        readonly cores: readonly number[];
      };
      if (main === null || !(main > 0)) return null;
      return { type: 'temperature', data: { celsius: main, ...(max === null ? {} : { maxCelsius: max }), cores } };
    },

    async filesystems() {
      const sizes = await si.fsSize();
      if (sizes.length === 0) return null;
      return {
        type: 'filesystems',
        data: {
          filesystems: sizes
            .slice(0, 20)
            .map(({ mount, used, size, use }) => ({ mount, usedBytes: used, totalBytes: size, percent: tenth(use) })),
        },
      };
    },

    async host() {
      // Costs 30 ms and never changes.
      distro ??= si.osInfo().then((info) => `${info.distro} ${info.release}`.trim());
      const cores = cpus();
      return {
        type: 'host',
        data: {
          hostname: hostname(),
          platform: platform(),
          distro: await distro,
          release: release(),
          arch: process.arch,
          cpuModel: cores[0]?.model.trim() ?? '',
          cpuCount: cores.length,
          totalMemoryBytes: totalmem(),
          uptimeSeconds: Math.round(uptime()),
        },
      };
    },

    async processes() {
      const { all, running, list } = await si.processes();
      const cores = cpus().length;
      const top = [...list]
        .sort((one, two) => two.cpu - one.cpu)
        .slice(0, 8)
        .map(({ pid, name, cpu, memRss }) => ({
          pid,
          name: name.slice(0, 80),
          // systeminformation gives the share of all cores together.
          cpuPercent: tenth(cpu * cores),
          memoryBytes: memRss * 1024,
        }));
      return { type: 'processes', data: { count: all, running, top } };
    },
  };
}
