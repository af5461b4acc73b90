import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerOrder, WorkerReport } from './pool';
import { runSimulation } from './run';

/** Runs the seeds it is given, one after the other, and reports each. Every fiftieth runs twice: one seed, one trace. */
async function work(order: WorkerOrder): Promise<void> {
  for (const seed of order.seeds) {
    const result = await runSimulation(seed);
    const violations = [...result.violations];
    if (seed % 50 === 0 && violations.length === 0) {
      const again = await runSimulation(seed);
      if (again.hash !== result.hash) violations.push({ at: 0, text: 'the same seed gave another trace' });
    }
    const { hash, covered, events, virtualMs } = result;
    const report: WorkerReport = { seed, violations, hash, covered, events, virtualMs };
    parentPort?.postMessage(report);
    if (order.stopAtViolation && violations.length > 0) return;
  }
}

void work(workerData as WorkerOrder);
