import { usePreference } from '../../store/preferences';
import { type Range, type RangeId, rangeOf, ranges } from '../../store/ranges';
import { Segments } from '../../ui/segments';

const options = ranges.map(({ id, text }) => ({ value: id, text }));

/** The span of time that all charts show, one choice for all sources. */
export function useRange(): readonly [Range, (id: RangeId) => void] {
  const [chosen, choose] = usePreference('range');
  return [rangeOf(ranges.find(({ id }) => id === chosen)?.id ?? '5m'), choose];
}

/** Chooses that span. */
export function RangeChoice({ range, onChange }: { readonly range: Range; readonly onChange: (id: RangeId) => void }) {
  const value = ranges.find(({ id }) => id === range.id)?.id ?? '5m';
  return <Segments label="Time range" value={value} options={options} onChange={onChange} />;
}
