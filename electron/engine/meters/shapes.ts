import type { MeterLimits } from './limits';
import type { SeriesTable } from './series';

/** What is known of one key of an object: where its number goes, and what lies below it. */
interface Slot {
  /** Index of its series; see `unmeasured` and `refused`. */
  series: number;
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

/** No number has come yet; or the cap was reached when the first one came. */
const unmeasured = -1;
const refused = -2;

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
    else if (Array.isArray(value)) this.walkArray(root, value);
    else this.walk(root, value as Readonly<Record<string, unknown>>);
  }

  private walk(shape: Shape, value: Readonly<Record<string, unknown>>): void {
    let expected = 0;
    for (const key in value) {
      const inner = value[key];
      const kind = typeof inner;
      if (kind !== 'number' && (kind !== 'object' || inner === null)) continue;
      // Where keys come as they always do, finding the slot is one comparison of two interned strings.
      const at = shape.keys[expected] === key ? expected : this.indexOf(shape, key);
      expected = at + 1;
      this.take(shape, at, key, inner);
    }
  }

  /** For-in over an array makes a string of every index; a short array has its names ready. */
  private walkArray(shape: Shape, values: readonly unknown[]): void {
    if (values.length > this.limits.arrayItems) return;
    for (let item = 0; item < values.length; item++) {
      const inner = values[item];
      if (typeof inner !== 'number' && (typeof inner !== 'object' || inner === null)) continue;
      const key = String(item);
      this.take(shape, this.indexOf(shape, key), key, inner);
    }
  }

  private take(shape: Shape, at: number, key: string, inner: unknown): void {
    const slot = shape.slots[at];
    if (slot === undefined) this.refused++;
    else if (typeof inner === 'number') this.number(slot, inner, shape.path, key);
    else this.below(slot, shape, key, inner as Readonly<Record<string, unknown>>);
  }

  private number(slot: Slot, value: number, path: string, key?: string): void {
    // JSON.parse reads 1e999 as infinity: no sum survives that.
    if (value - value !== 0) return;
    if (slot.series === unmeasured) slot.series = this.newSeries(key === undefined ? path : `${path}.${key}`);
    if (slot.series === refused) this.refused++;
    else this.table.observe(slot.series, value);
  }

  private below(slot: Slot, shape: Shape, key: string, value: Readonly<Record<string, unknown>>): void {
    if (slot.below === null) {
      if (shape.depth >= this.limits.depth) return;
      slot.below = newShape(`${shape.path}.${key}`, shape.depth + 1);
    }
    if (Array.isArray(value)) this.walkArray(slot.below, value);
    else this.walk(slot.below, value);
  }

  private newSeries(path: string): number {
    if (this.seriesLeft <= 0 || path.length > longestName) return refused;
    this.seriesLeft--;
    return this.table.index(`value:${path}`);
  }

  /** Where a key has its slot; a new one where there is room, else -1. */
  private indexOf(shape: Shape, key: string): number {
    const known = shape.index.get(key);
    if (known !== undefined) return known;
    if (this.keysLeft <= 0 || key.length > longestName) return -1;
    this.keysLeft--;
    const at = shape.keys.length;
    shape.index.set(key, at);
    shape.keys.push(key);
    shape.slots.push({ series: unmeasured, below: null });
    return at;
  }

  private rootOf(type: string): (Shape & { readonly slot: Slot }) | null {
    const known = this.roots.get(type);
    if (known !== undefined) return known;
    if (this.keysLeft <= 0 || type.length > longestName) return null;
    this.keysLeft--;
    const root = { ...newShape(type, 1), slot: { series: unmeasured, below: null } };
    this.roots.set(type, root);
    return root;
  }
}

function newShape(path: string, depth: number): Shape {
  return { path, depth, keys: [], slots: [], index: new Map() };
}
