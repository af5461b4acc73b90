/** Bytes through something since it came to be. */
export interface ByteCounters {
  readonly name: string;
  readonly inBytes: number;
  readonly outBytes: number;
}

export interface ByteRates {
  readonly name: string;
  /** Bytes per second, whole. */
  readonly inRate: number;
  readonly outRate: number;
}

/**
 * Turns growing counters into rates. What appears, disappears or starts over (an interface unplugged, a counter
 * wrapped) has no rate for that step rather than a wrong one.
 */
export function createRates() {
  let before = new Map<string, ByteCounters>();
  let beforeAt: number | null = null;

  return (counters: readonly ByteCounters[], at: number): readonly ByteRates[] | null => {
    const seconds = beforeAt === null ? 0 : (at - beforeAt) / 1000;
    const rates: ByteRates[] = [];
    for (const { name, inBytes, outBytes } of counters) {
      const old = before.get(name);
      if (old === undefined || seconds <= 0 || inBytes < old.inBytes || outBytes < old.outBytes) continue;
      rates.push({
        name,
        inRate: Math.round((inBytes - old.inBytes) / seconds),
        outRate: Math.round((outBytes - old.outBytes) / seconds),
      });
    }
    before = new Map(counters.map((counter) => [counter.name, counter]));
    const first = beforeAt === null;
    beforeAt = at;
    return first ? null : rates;
  };
}

/** Reads `/proc/net/dev` (proc(5)): received bytes are column 1, sent bytes column 9. Loopback is left out. */
export function parseNetDev(text: string): readonly ByteCounters[] {
  const counters: ByteCounters[] = [];
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const name = line.slice(0, colon).trim();
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    const inBytes = Number(columns[0]);
    const outBytes = Number(columns[8]);
    if (name === 'lo' || !Number.isFinite(inBytes) || !Number.isFinite(outBytes)) continue;
    counters.push({ name, inBytes, outBytes });
  }
  return counters;
}

/** A sector in `/proc/diskstats` is 512 bytes, whatever the disk's own are (kernel, iostats.rst). */
const sectorBytes = 512;

/**
 * Reads `/proc/diskstats`: read sectors are field 6, written sectors field 10.
 * @param disks the whole disks (names in /sys/block); partitions and what is stacked on disks would count twice
 */
export function parseDiskStats(text: string, disks: ReadonlySet<string>): readonly ByteCounters[] {
  const counters: ByteCounters[] = [];
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/);
    const name = columns[2];
    if (name === undefined || !disks.has(name)) continue;
    const inBytes = Number(columns[5]) * sectorBytes;
    const outBytes = Number(columns[9]) * sectorBytes;
    if (Number.isFinite(inBytes) && Number.isFinite(outBytes)) counters.push({ name, inBytes, outBytes });
  }
  return counters;
}

/** Which names in /sys/block are real disks: not loop, RAM, compressed RAM, device mapper or RAID. */
export function wholeDisks(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name) => !/^(loop|ram|zram|dm-|md|sr|fd|nbd)/.test(name)));
}
