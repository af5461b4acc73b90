import type { SeriesName } from '../../../shared/meters';
import type { MeterLimits } from './limits';
import type { Accumulator, SeriesTable } from './series';

/** What is known of one key of an object: where its number goes, and what lies below it. */
interface Slot {
  series: Accumulator | null;
  /** The cap was reached when its first number came. */
  refused: boolean;
  below: Shape | null;
}

/** Keys of one object, in the order first seen; JSON objects of one type nearly always come in the same order. */
interface Shape {
  readonly path: string;
  readonly depth: number;
  readonly keys: string[];
  readonly slots: Slot[];
  readonly index: Map<string, number>;
}

const longestName = 120;

/**
 * Takes the numbers out of parsed bodies: `{percent: 3, load: {one: 1}}` of type `cpu` gives `value:cpu.percent` and
 * `value:cpu.load.one`. The shape of a type is learnt once, so that an event of a known shape costs a comparison of
 * keys. Number of series and of keys are bounded: what comes after is counted, not measured.
 */
export class Shapes {
  private readonly roots = new Map<string, Shape & { readonly slot: Slot }>();
  private keysLeft: number;
  private seriesLeft: number;
  private lastType = '';
  private last: (Shape & { readonly slot: Slot }) | null = null;
  /** Numbers not measured because there were too many series or keys. */
  refused = 0;

  constructor(
    private readonly limits: MeterLimits,
    private readonly table: SeriesTable,
  ) {
    this.keysLeft = limits.shapeKeys;
    this.seriesLeft = limits.valueSeries;
  }

  observe(type: string, value: unknown): void {
    if (typeof value !== 'object' && typeof value !== 'number') return;
    if (value === null) return;
    let root = this.last;
    if (root === null || this.lastType !== type) {
      root = this.rootOf(type);
      if (root === null) {
        this.refused++;
        return;
      }
      this.last = root;
      this.lastType = type;
    }
    if (typeof value === 'number') this.number(root.slot, value, root.path);
    else this.walk(root, value as Record<string, unknown>);
  }

  private walk(shape: Shape, value: Readonly<Record<string, unknown>>): void {
    if (Array.isArray(value) && value.length > this.limits.arrayItems) return;
    let expected = 0;
    for (const key in value) {
      const inner = value[key];
      if (typeof inner === 'number' || (typeof inner === 'object' && inner !== null)) {
        let slot: Slot | undefined;
        if (shape.keys[expected] === key) slot = shape.slots[expected++];
        else {
          const at = this.indexOf(shape, key);
          slot = shape.slots[at];
          expected = at + 1;
        }
        if (slot === undefined) this.refused++;
        else if (typeof inner === 'number') this.number(slot, inner, shape.path, key);
        else this.below(slot, shape, key, inner as Record<string, unknown>);
      }
    }
  }

  private number(slot: Slot, value: number, path: string, key?: string): void {
    // JSON.parse reads 1e999 as infinity: no sum survives that.
    if (value - value !== 0) return;
    let series = slot.series;
    if (series === null) {
      series = slot.refused ? null : this.newSeries(slot, key === undefined ? path : `${path}.${key}`);
      if (series === null) {
        this.refused++;
        return;
      }
    }
    this.table.observe(series, value);
  }

  private below(slot: Slot, shape: Shape, key: string, value: Record<string, unknown>): void {
    if (slot.below === null) {
      if (shape.depth >= this.limits.depth) return;
      slot.below = newShape(`${shape.path}.${key}`, shape.depth + 1);
    }
    this.walk(slot.below, value);
  }

  private newSeries(slot: Slot, path: string): Accumulator | null {
    if (this.seriesLeft <= 0 || path.length > longestName) {
      slot.refused = true;
      return null;
    }
    this.seriesLeft--;
    const name: SeriesName = `value:${path}`;
    slot.series = this.table.get(name);
    return slot.series;
  }

  /** Where a key has its slot; a new one where there is room, else -1. */
  private indexOf(shape: Shape, key: string): number {
    const known = shape.index.get(key);
    if (known !== undefined) return known;
    if (this.keysLeft <= 0) return -1;
    this.keysLeft--;
    const at = shape.keys.length;
    shape.index.set(key, at);
    shape.keys.push(key);
    shape.slots.push({ series: null, refused: false, below: null });
    return at;
  }

  private rootOf(type: string): (Shape & { readonly slot: Slot }) | null {
    const known = this.roots.get(type);
    if (known !== undefined) return known;
    if (this.keysLeft <= 0) return null;
    this.keysLeft--;
    const root = { ...newShape(type, 1), slot: { series: null, refused: false, below: null } };
    this.roots.set(type, root);
    return root;
  }
}

function newShape(path: string, depth: number): Shape {
  return { path, depth, keys: [], slots: [], index: new Map() };
}
