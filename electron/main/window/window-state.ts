import { join } from 'node:path';
import { z } from 'zod';
import { createDocument } from '../settings/document';

const boundsSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400).max(20_000),
  height: z.number().int().min(300).max(20_000),
});

const windowStateSchema = z.object({
  bounds: boundsSchema.nullable(),
  maximized: z.boolean(),
});

export type Bounds = z.output<typeof boundsSchema>;
export type WindowState = z.output<typeof windowStateSchema>;

/** Size of a first window, CSS pixels. */
export const firstSize = { width: 1280, height: 800 } as const;

/** Where the window was. Losing it is no loss worth telling: it starts in the middle then. */
export interface WindowStateStore {
  load(): Promise<WindowState>;
  save(state: WindowState): Promise<void>;
}

/** Kept in `window.json`, apart from the settings because it changes with every drag. */
export function openWindowState(folder: string): WindowStateStore {
  const document = createDocument<WindowState>(join(folder, 'window.json'), windowStateSchema, () => ({
    bounds: null,
    maximized: false,
  }));
  return {
    load: async () => (await document.load()).value,
    save: (state) => document.save(state).catch(() => {}),
  };
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
