import { parentPort, workerData } from 'node:worker_threads';
import type { SharedOrder, WholeOrder, WholeRun, WorkerReport } from './pool';
import { runSimulation, shrink } from './run';
import { createScenario } from './scenario';

/** Every so many seeds run twice: one seed, one trace. */
const twiceEvery = 50;

/** Runs the seeds it is given, one after the other, and reports each. */
async function runSeries(order: SharedOrder): Promise<void> {
  const { draw } = order;
  const stop = new Int32Array(order.stop);
  for (const seed of order.seeds) {
    const result = await runSimulation(seed, draw);
    const violations = [...result.violations];
    if (seed % twiceEvery === 0 && violations.length === 0) {
      const again = await runSimulation(seed, draw);
      if (again.hash !== result.hash) violations.push({ at: 0, text: 'the same seed gave another trace' });
    }
    const { hash, met, events, virtualMs } = result;
    const report: WorkerReport = { seed, violations, hash, met, events, virtualMs };
    parentPort?.postMessage(report);
    if (order.stopAtViolation && violations.length > 0) return;
    if (Atomics.load(stop, 0) !== 0) return;
  }
}

async function runWhole(order: WholeOrder): Promise<void> {
  const { whole: seed, draw } = order;
  const result = await runSimulation(seed, draw);
  const { faults } = createScenario(seed, draw);
  const whole: WholeRun = { result, faults };
  if (!order.shrink || result.violations.length === 0) {
    parentPort?.postMessage(whole);
    return;
  }
  const small = await shrink(result, draw);
  parentPort?.postMessage({ result: small.result, faults: small.scenario.faults } satisfies WholeRun);
}

const order = workerData as SharedOrder | WholeOrder;
void ('whole' in order ? runWhole(order) : runSeries(order));
