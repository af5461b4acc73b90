import type { ConnectionKind } from '../../../shared/connection';
import { faultKinds } from './scenario';

/** Every state a fault can meet. */
const meetableStates: readonly ConnectionKind[] = ['idle', 'connecting', 'live', 'waiting', 'offline', 'stopped'];

/** Counts which fault met which state. */
export interface Coverage {
  add(covered: readonly string[]): void;
  /** Share of (state, fault) pairs met at least once, 0–1. */
  share(): number;
  missing(): readonly string[];
  /** A table: states across, faults down. */
  table(): string;
}

export function createCoverage(): Coverage {
  const counts = new Map<string, number>();
  const cells = faultKinds.flatMap((fault) => meetableStates.map((state) => `${state} ${fault}`));
  const met = (): number => cells.filter((cell) => counts.has(cell)).length;
  return {
    add(covered) {
      for (const cell of covered) counts.set(cell, (counts.get(cell) ?? 0) + 1);
    },
    share: () => met() / cells.length,
    missing: () => cells.filter((cell) => !counts.has(cell)),
    table() {
      const header = `${''.padEnd(27)}${meetableStates.map((state) => state.padStart(11)).join('')}`;
      const rows = faultKinds.map((fault) => {
        const figures = meetableStates.map((state) => String(counts.get(`${state} ${fault}`) ?? 0).padStart(11));
        return `${fault.padEnd(27)}${figures.join('')}`;
      });
      return [header, ...rows].join('\n');
    },
  };
}
