/** Members by whose name a message says what its numbers are of, the surest first. */
const entityNames = [
  'entity_id',
  'entityId',
  'entity',
  'sensor_id',
  'sensorId',
  'sensor',
  'device_id',
  'deviceId',
  'device',
  'symbol',
  'product_id',
  'productId',
  'instrument',
  'ticker',
  'pair',
  'instance',
  'station_id',
  'stationId',
  'station',
] as const;

const unitNames = ['unit_of_measurement', 'unit', 'units', 'uom'] as const;

const names: ReadonlySet<string> = new Set(entityNames);

/** Longest name of an entity, and of a unit, characters. */
const longestEntity = 120;
const longestUnit = 20;

/** Whether a member of that name names what a message's numbers are of. */
export function isEntityName(name: string): boolean {
  return names.has(name);
}

/** The member by which a body tells what its numbers are of; null where it does not say. */
export function entityMember(body: object): string | null {
  const found = entityNames.find((name) => Object.hasOwn(body, name) && entityText(Reflect.get(body, name)) !== null);
  if (found !== undefined) return found;
  // Exchanges' short form: the symbol beside its price or the time of the event.
  const traded = ['p', 'E', 'e', 'c', 'b'].some((name) => Object.hasOwn(body, name));
  return traded && Object.hasOwn(body, 's') && typeof Reflect.get(body, 's') === 'string' ? 's' : null;
}

/** What an entity is called; null where that is no name. */
export function entityText(value: unknown): string | null {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value !== '' && value.length <= longestEntity ? value : null;
}

/** The unit that a body says its numbers are in, at its top or among its attributes; null where it does not say. */
export function unitIn(body: object): string | null {
  const inner: unknown = Reflect.get(body, 'attributes');
  for (const holder of [body, inner]) {
    if (typeof holder !== 'object' || holder === null) continue;
    for (const name of unitNames) {
      const unit: unknown = Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined;
      if (typeof unit === 'string' && unit.trim() !== '' && unit.length <= longestUnit) return unit.trim();
    }
  }
  return null;
}
