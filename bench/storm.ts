import { createSeededRandom } from '../electron/engine/simulation/seeded-random';
import { resolveConfig } from '../gateway/config';
import { spreadMsFor } from '../gateway/limits';
import type { Bench, BenchContext, BenchResult } from './bench';
import { round } from './bench';
import { runCrowd } from './storm/crowd';
import { attemptsOf, type Formula, peakOf, plainExponential, reconnectingWebSocket, socketIo } from './storm/formulas';

export const stormBench: Bench = {
  name: 'storm',
  about: 'peak of reconnects per second after a crash, over the same clients with other backoffs',
  run,
};

const downSeconds = [0, 10, 30] as const;

async function run({ option, say }: BenchContext): Promise<BenchResult> {
  const clients = option('clients', 10_000);
  const seed = option('seed', 7);
  const spreadMs = spreadMsFor(clients, resolveConfig({}).reconnectsPerSecond);
  say(`${clients} clients, hello asks them to spread over ${spreadMs} ms, seed ${seed}`);
  say('peak: the most attempts in any 1 s window, wherever it begins');
  say('down    wirewatch  plain       rws  socket.io  all back   ratio');
  const ratios = { plain: 0, rws: 0, socketIo: 0 };
  const peaks: Record<string, number> = {};
  let peak = 0;
  let allBack = 0;
  for (const down of downSeconds) {
    const crowd = runCrowd({ clients, spreadMs, downMs: down * 1000, seed });
    const ours = peakOf(crowd.attempts);
    const peakWith = (formula: Formula): number =>
      peakOf(attemptsOf(formula, clients, down * 1000, createSeededRandom(seed)));
    const plain = peakWith(plainExponential);
    const rws = peakWith(reconnectingWebSocket);
    const io = peakWith(socketIo);
    ratios.plain = Math.max(ratios.plain, ours / plain);
    ratios.rws = Math.max(ratios.rws, ours / rws);
    ratios.socketIo = Math.max(ratios.socketIo, ours / io);
    peak = Math.max(peak, ours);
    allBack = Math.max(allBack, crowd.allBackMs - down * 1000);
    peaks[`peak_down_${down}`] = ours;
    const cells = [ours, plain, rws, io].map((value) => String(value).padStart(9));
    const back = `${round(crowd.allBackMs / 1000)} s`.padStart(8);
    say(`${`${down} s`.padEnd(6)} ${cells.join('  ')}  ${back}  ${round(ours / plain, 4)}`);
  }
  return {
    figures: {
      peak_ratio: round(ratios.plain, 4),
      ratio_reconnecting_websocket: round(ratios.rws, 4),
      ratio_socket_io: round(ratios.socketIo, 4),
      ...peaks,
      peak_per_s: peak,
      last_back_s: round(allBack / 1000),
      clients,
      spread_ms: spreadMs,
      seed,
    },
    notes: [
      'each client is the real connection (machine, runner, governor, ladder of four) on a fake clock; sockets are made up',
      'all live for 32 s, then one crash: every connection reset, refused while down, accepted afterwards',
      'attempts are all requests: first tries, retries and control requests; last_back_s counts from the server’s return',
      'the others: plain 1 s · 2ⁿ capped at 30 s; reconnecting-websocket and socket.io-client with their default formulas',
    ],
  };
}
