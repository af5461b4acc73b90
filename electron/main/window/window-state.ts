import { join } from 'node:path';
import { readRegularSync } from '../../node/regular-file';
import { writeAtomically } from '../settings/atomic-file';

/** A few numbers are in it, bytes. */
const largestFile = 64 * 1024;

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowState {
  /** Null: nothing usable is known. */
  readonly bounds: Bounds | null;
  readonly maximized: boolean;
}

/** Size of a first window, CSS pixels. */
export const firstSize = { width: 1280, height: 800 } as const;

/** Where the window was. Losing it is no loss worth telling: it starts in the middle then. */
export interface WindowStateStore {
  load(): WindowState;
  save(state: WindowState): Promise<void>;
}

/**
 * Kept in `window.json`, apart from the settings because it changes with every drag. Read at once and checked by hand:
 * the window waits for it, and for no more than it.
 */
export function openWindowState(folder: string): WindowStateStore {
  const path = join(folder, 'window.json');
  let saving: Promise<void> = Promise.resolve();
  return {
    load() {
      try {
        return readWindowState(readRegularSync(path, largestFile).toString('utf8'));
      } catch {
        return unknownState;
      }
    },
    save(state) {
      saving = saving.then(() => writeAtomically(path, `${JSON.stringify(state, null, 2)}\n`)).catch(() => {});
      return saving;
    },
  };
}

const unknownState: WindowState = { bounds: null, maximized: false };

/** What the file's text says, as far as it can be believed. */
export function readWindowState(text: string): WindowState {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return unknownState;
  }
  if (typeof read !== 'object' || read === null) return unknownState;
  const { bounds, maximized } = read as { bounds?: unknown; maximized?: unknown };
  return { bounds: readBounds(bounds), maximized: maximized === true };
}

function readBounds(read: unknown): Bounds | null {
  if (typeof read !== 'object' || read === null) return null;
  const { x, y, width, height } = read as Record<string, unknown>;
  const fits =
    isWhole(x, -100_000, 100_000) &&
    isWhole(y, -100_000, 100_000) &&
    isWhole(width, 400, 20_000) &&
    isWhole(height, 300, 20_000);
  return fits ? { x, y, width, height } : null;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

/**
 * Bounds that can be seen and grasped: null when less than 100 × 40 px of the title bar would lie on a screen that is
 * there now (a monitor was unplugged).
 */
export function visibleBounds(bounds: Bounds | null, screens: readonly Bounds[]): Bounds | null {
  if (!bounds) return null;
  const graspable = screens.some((screen) => {
    const wide = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x);
    const high = Math.min(bounds.y + 40, screen.y + screen.height) - Math.max(bounds.y, screen.y);
    return wide >= 100 && high >= 40;
  });
  return graspable ? bounds : null;
}
