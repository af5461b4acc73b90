import { randomBytes } from 'node:crypto';
import type { Random } from '../engine/core/random';

/** Chance from the operating system. */
export function createSystemRandom(): Random {
  return {
    next: () => Math.random(),
    id: () => randomBytes(8).toString('hex'),
  };
}
