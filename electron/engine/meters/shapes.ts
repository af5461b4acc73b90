import { entityMember, entityText, unitIn } from '../../../shared/entity-names';
import { numberInText } from '../../../shared/number-text';
import { longestSeriesName, type SeriesLabels, seriesName, unitLabel } from '../../../shared/series-name';
import { signOf } from '../../../shared/value-sign';
import { BodyNumbers, type BodyShape } from '../core/body-numbers';
import { CountingPlaces } from './counting-places';
import type { MeterLimits } from './limits';
import type { SeriesTable } from './series';

/** What is known of one key of an object: where its number goes, and what lies below it. */
interface Slot {
  /** Index of its series; see `unmeasured`, `refused`, `uncharted` and `counting`. */
  series: number;
  below: Shape | null;
  readonly path: string;
  /** The same without the type. */
  readonly place: string;
  /** The member's own name. */
  readonly name: string;
  /** What tells its series from those of other entities, as it stands in their names. */
  readonly suffix: string;
}

/** Keys of one object, in the order first seen; JSON objects of one type nearly always come in the same order. */
interface Shape {
  readonly path: string;
  readonly place: string;
  readonly depth: number;
  readonly keys: string[];
  readonly slots: Slot[];
  readonly index: Map<string, number>;
}

/** No number has come yet; or the cap was reached when the first one came. */
const unmeasured = -1;
const refused = -2;
/** It is a time, or names something: nobody wants that as a line. */
const uncharted = -3;
/** It may count the messages, or does. */
const counting = -4;

const longestName = 120;

/** Where the numbers of bodies of one shape go. */
interface Places {
  /** By a number's place among the body's numbers; a hole where nothing measures it. */
  readonly slots: readonly (Slot | undefined)[];
  /** How many numbers are refused, each time. */
  readonly refused: number;
}

const nowhere: Places = { slots: [], refused: 0 };

/** The shape of a type's bodies, or of those of one entity. */
interface Root extends Shape {
  /** What tells its series from those of other entities, as it stands in their names. */
  readonly suffix: string;
  readonly slot: Slot;
  readonly known: WeakMap<BodyShape, Places>;
  /** Of the last body whose shape was known, and where its numbers went. */
  last: BodyShape | null;
  places: Places;
}

/** What is known of a type. */
interface Type {
  readonly plain: Root;
  /** The member that tells what the numbers are of; null where there is none, or none was found yet. */
  entity: string | null;
  /** So many more bodies are looked at for one. */
  looks: number;
  /** By entity and unit. */
  readonly split: Map<string, Root>;
}

/** So many bodies of a type are looked at for a member that names an entity. */
const mostLooks = 20;
/** No number of digits names anything from here on. */
const tooLargeForId = 1e20;

/**
 * Takes the numbers out of parsed bodies: `{percent: 3, load: {one: 1}}` of type `cpu` gives `value:cpu.percent` and
 * `value:cpu.load.one`. The shape of a type is learnt once, so that an event of a known shape costs a comparison of
 * keys. Where bodies say what their numbers are of, each entity has its own series: `value:reading.value{sensor="a"}`.
 * Times, ids and numbers that count the messages are no series; a number inside text is one. Number of series and of keys are bounded: what comes after is
 * counted, not measured.
 */
export class Shapes {
  private readonly types = new Map<string, Type>();
  private keysLeft: number;
  private seriesLeft: number;
  private lastType = '';
  private last: Type | null = null;
  /** Of what is looked at: what stands behind its series' names, and the object that is walked. */
  private suffix = '';
  private object: object | null = null;
  private readonly counting = new CountingPlaces<Slot>();
  /** While the tree of a shape is walked: its numbers are places. */
  private finding: (Slot | undefined)[] | null = null;
  /** Numbers not measured because there were too many series or keys. */
  refused = 0;

  constructor(
    private readonly limits: MeterLimits,
    private readonly table: SeriesTable,
    /** Wall clock, epoch ms. */
    private readonly wall: () => number,
  ) {
    this.keysLeft = limits.shapeKeys;
    this.seriesLeft = limits.valueSeries;
  }

  /** `of`: what the numbers are of, where the body does not say it. */
  observe(type: string, value: unknown, of: readonly [string, string] | null = null): void {
    const read = value instanceof BodyNumbers ? value : null;
    const seen = read === null ? value : read.shape.tree;
    if (typeof seen !== 'object' && typeof seen !== 'number') return;
    if (seen === null) return;
    let known = this.last;
    if (known === null || this.lastType !== type) {
      known = this.types.get(type) ?? this.newType(type);
      if (known === null) {
        this.refused++;
        return;
      }
      this.last = known;
      this.lastType = type;
    }
    const silent = read !== null || (known.entity === null && known.looks === 0);
    const root = silent && of === null ? known.plain : this.rootIn(known, type, silent ? null : seen, of);
    if (root === null) {
      this.refused++;
      return;
    }
    this.suffix = root.suffix;
    this.object = null;
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
      if (kind !== 'number' && (kind !== 'object' || inner === null)) {
        if (kind !== 'string') continue;
        const number = numberInText(inner as string);
        if (number === null) continue;
        const place = shape.keys[expected] === key ? expected : this.indexOf(shape, key);
        expected = place + 1;
        this.object = value;
        this.take(shape, place, number);
        continue;
      }
      // Where keys come as they always do, finding the slot is one comparison of two interned strings.
      const at = shape.keys[expected] === key ? expected : this.indexOf(shape, key);
      expected = at + 1;
      this.object = value;
      this.take(shape, at, inner);
    }
  }

  /** For-in over an array makes a string of every index; a short array has its names ready. */
  private walkArray(shape: Shape, values: readonly unknown[]): void {
    if (values.length > this.limits.arrayItems) return;
    for (let item = 0; item < values.length; item++) {
      const inner = values[item];
      const found = typeof inner === 'string' ? numberInText(inner) : inner;
      if (typeof found !== 'number' && (typeof found !== 'object' || found === null)) continue;
      this.take(shape, this.indexOf(shape, String(item)), found);
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
    if (slot.series === unmeasured) slot.series = this.isMeasured(slot, value) ? counting : uncharted;
    if (slot.series === counting) {
      for (const { of, value: held, at } of this.counting.take(slot, value, this.wall())) this.chart(of, held, at);
    } else if (slot.series === refused) this.refused++;
    else if (slot.series !== uncharted) this.table.observe(slot.series, value);
  }

  private below(slot: Slot, shape: Shape, value: Readonly<Record<string, unknown>>): void {
    if (slot.below === null) {
      if (shape.depth >= this.limits.depth) return;
      slot.below = newShape(slot.path, slot.place, shape.depth + 1);
    }
    if (Array.isArray(value)) this.walkArray(slot.below, value);
    else this.walk(slot.below, value);
  }

  /** What was held back for too long is charted: nothing says that it counts. */
  release(): void {
    for (const { of, value, at } of this.counting.overdue(this.wall())) this.chart(of, value, at);
  }

  /** Charts a number that came at `at`, wall clock ms: now, or a little earlier. */
  private chart(slot: Slot, value: number, at: number): void {
    if (slot.series === counting) slot.series = this.newSeries(slot);
    if (slot.series === refused) {
      this.refused++;
      return;
    }
    this.table.at(at);
    this.table.observe(slot.series, value);
    this.table.at(this.wall());
  }

  private isMeasured({ name }: Slot, value: number): boolean {
    const beside = this.object === null ? [] : Object.keys(this.object);
    const { kind } = signOf(name, value, beside, this.wall());
    return kind === 'number' || Math.abs(value) >= tooLargeForId;
  }

  private newSeries({ path, suffix }: Slot): number {
    const series = `value:${path}${suffix}` as const;
    if (this.seriesLeft <= 0 || path.length > longestName || series.length > longestSeriesName) return refused;
    this.seriesLeft--;
    return this.table.index(series);
  }

  /** Where a key has its slot; a new one where there is room, else -1. */
  private indexOf(shape: Shape, key: string): number {
    const known = shape.index.get(key);
    if (known !== undefined) return known;
    if (this.keysLeft <= 0 || key.length > longestName) return -1;
    this.keysLeft--;
    const at = shape.keys.length;
    const names = { path: `${shape.path}.${key}`, place: `${shape.place}.${key}` };
    shape.index.set(key, at);
    shape.keys.push(key);
    shape.slots.push({ series: unmeasured, below: null, ...names, name: key, suffix: this.suffix });
    return at;
  }

  private newType(type: string): Type | null {
    if (this.keysLeft <= 0 || type.length > longestName) return null;
    const made = { plain: this.newRoot(type, []), entity: null, looks: mostLooks, split: new Map<string, Root>() };
    this.types.set(type, made);
    return made;
  }

  /** Where a body's numbers go: those of its entity, if it names one. Null where there is no room for one more. */
  private rootIn(
    known: Type,
    type: string,
    value: object | number | null,
    of: readonly [string, string] | null,
  ): Root | null {
    const said = value === null || typeof value === 'number' || Array.isArray(value) ? [] : this.saidIn(known, value);
    if (said.length === 0 && of === null) return known.plain;
    const labels: SeriesLabels = of === null ? said : [of, ...said];
    const key = labels.map(([, text]) => text).join('\n');
    const root = known.split.get(key);
    if (root !== undefined) return root;
    if (this.keysLeft <= 0) return null;
    const made = this.newRoot(type, labels);
    known.split.set(key, made);
    return made;
  }

  /** What a body says that its numbers are of. */
  private saidIn(known: Type, value: object): SeriesLabels {
    if (known.entity === null) {
      if (known.looks === 0) return [];
      known.looks -= 1;
      known.entity = entityMember(value);
      if (known.entity === null) return [];
    }
    const entity = entityText(Reflect.get(value, known.entity));
    if (entity === null) return [];
    const unit = unitIn(value);
    return unit === null
      ? [[known.entity, entity]]
      : [
          [known.entity, entity],
          [unitLabel, unit],
        ];
  }

  private newRoot(type: string, labels: SeriesLabels): Root {
    this.keysLeft--;
    const suffix = seriesName('', '', labels).slice('value:'.length);
    return {
      ...newShape(type, '', 1),
      suffix,
      slot: { series: unmeasured, below: null, path: type, place: '', name: '', suffix },
      known: new WeakMap(),
      last: null,
      places: nowhere,
    };
  }
}

function newShape(path: string, place: string, depth: number): Shape {
  return { path, place, depth, keys: [], slots: [], index: new Map() };
}
