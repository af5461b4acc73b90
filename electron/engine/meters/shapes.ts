import { BodyNumbers, type BodyShape } from '../core/body-numbers';
import type { MeterLimits } from './limits';
import type { SeriesTable } from './series';

/** What is known of one key of an object: where its number goes, and what lies below it. */
interface Slot {
  /** Index of its series; see `unmeasured` and `refused`. */
  series: number;
  below: Shape | null;
  readonly path: string;
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

/** Where the numbers of bodies of one shape go. */
interface Places {
  /** By a number's place among the body's numbers; a hole where nothing measures it. */
  readonly slots: readonly (Slot | undefined)[];
  /** How many numbers are refused, each time. */
  readonly refused: number;
}

const nowhere: Places = { slots: [], refused: 0 };

/** The shape of a type's bodies. */
interface Root extends Shape {
  readonly slot: Slot;
  readonly known: WeakMap<BodyShape, Places>;
  /** Of the last body whose shape was known, and where its numbers went. */
  last: BodyShape | null;
  places: Places;
}

/**
 * Takes the numbers out of parsed bodies: `{percent: 3, load: {one: 1}}` of type `cpu` gives `value:cpu.percent` and
 * `value:cpu.load.one`. The shape of a type is learnt once, so that an event of a known shape costs a comparison of
 * keys. Number of series and of keys are bounded: what comes after is counted, not measured.
 */
export class Shapes {
  private readonly roots = new Map<string, Root>();
  private keysLeft: number;
  private seriesLeft: number;
  private lastType = '';
  private last: Root | null = null;
  /** While the tree of a shape is walked: its numbers are places. */
  private finding: (Slot | undefined)[] | null = null;
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
    const read = value instanceof BodyNumbers ? value : null;
    const seen = read === null ? value : read.shape.tree;
    if (typeof seen !== 'object' && typeof seen !== 'number') return;
    if (seen === null) return;
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
    if (read === null) this.look(root, seen);
    else this.numbers(root, read);
  }

  private look(root: Root, value: object | number): void {
    if (typeof value === 'number') this.number(root.slot, value);
    else if (Array.isArray(value)) this.walkArray(root, value);
    else this.walk(root, value as Readonly<Record<string, unknown>>);
  }

  private numbers(root: Root, { shape, numbers }: BodyNumbers): void {
    if (root.last !== shape) {
      root.places = root.known.get(shape) ?? this.placesOf(root, shape);
      root.last = shape;
    }
    const { slots, refused } = root.places;
    this.refused += refused;
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at];
      if (slot !== undefined) this.number(slot, numbers[at] as number);
    }
  }

  /** Walks the tree of a shape once, as a body would be walked. */
  private placesOf(root: Root, shape: BodyShape): Places {
    const before = this.refused;
    const slots: (Slot | undefined)[] = [];
    this.finding = slots;
    this.look(root, shape.tree as object | number);
    this.finding = null;
    const places = { slots, refused: this.refused - before };
    this.refused = before;
    root.known.set(shape, places);
    return places;
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
      this.take(shape, at, inner);
    }
  }

  /** For-in over an array makes a string of every index; a short array has its names ready. */
  private walkArray(shape: Shape, values: readonly unknown[]): void {
    if (values.length > this.limits.arrayItems) return;
    for (let item = 0; item < values.length; item++) {
      const inner = values[item];
      if (typeof inner !== 'number' && (typeof inner !== 'object' || inner === null)) continue;
      const key = String(item);
      this.take(shape, this.indexOf(shape, key), inner);
    }
  }

  private take(shape: Shape, at: number, inner: unknown): void {
    const slot = shape.slots[at];
    if (slot === undefined) this.refused++;
    else if (typeof inner === 'number') this.number(slot, inner);
    else this.below(slot, shape, inner as Readonly<Record<string, unknown>>);
  }

  private number(slot: Slot, value: number): void {
    if (this.finding !== null) {
      this.finding[value] = slot;
      return;
    }
    // JSON.parse reads 1e999 as infinity: no sum survives that.
    if (value - value !== 0) return;
    if (slot.series === unmeasured) slot.series = this.newSeries(slot.path);
    if (slot.series === refused) this.refused++;
    else this.table.observe(slot.series, value);
  }

  private below(slot: Slot, shape: Shape, value: Readonly<Record<string, unknown>>): void {
    if (slot.below === null) {
      if (shape.depth >= this.limits.depth) return;
      slot.below = newShape(slot.path, shape.depth + 1);
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
    shape.slots.push({ series: unmeasured, below: null, path: `${shape.path}.${key}` });
    return at;
  }

  private rootOf(type: string): Root | null {
    const known = this.roots.get(type);
    if (known !== undefined) return known;
    if (this.keysLeft <= 0 || type.length > longestName) return null;
    this.keysLeft--;
    const root: Root = {
      ...newShape(type, 1),
      slot: { series: unmeasured, below: null, path: type },
      known: new WeakMap(),
      last: null,
      places: nowhere,
    };
    this.roots.set(type, root);
    return root;
  }
}

function newShape(path: string, depth: number): Shape {
  return { path, depth, keys: [], slots: [], index: new Map() };
}
