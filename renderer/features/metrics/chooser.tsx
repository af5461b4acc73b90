import { useMemo, useState } from 'react';
import type { SeriesName } from '../../../shared/meters';
import type { MetricChart } from './catalogue';
import styles from './charts.module.css';

/** Entries of the list at once; a search finds the others. */
const mostEntries = 100;

interface ChooserProps {
  readonly charts: readonly MetricChart[];
  readonly shown: readonly MetricChart[];
  readonly onToggle: (id: string) => void;
}

/** One thing that can be shown or not. */
interface Entry {
  readonly id: string;
  readonly title: string;
  /** How many lines it has in all; null for a series by itself. */
  readonly lines: number | null;
}

/** Which charts are shown. A search finds a chart by its name, and a single series by what tells it from others. */
export function Chooser({ charts, shown, onToggle }: ChooserProps) {
  const [search, setSearch] = useState('');
  const found = useMemo(() => entriesFor(charts, search), [charts, search]);
  const ids = useMemo(() => new Set<string>(shown.map(({ id }) => id)), [shown]);
  const left = found.length - mostEntries;
  return (
    <details className={styles.chooser}>
      <summary>
        Charts · {shown.length} of {charts.length}
      </summary>
      <div className={styles.choices}>
        <input
          type="search"
          aria-label="Search charts and series"
          placeholder="Search charts and series"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <ul>
          {found.slice(0, mostEntries).map(({ id, title, lines }) => (
            <li key={id}>
              <label>
                <input type="checkbox" checked={ids.has(id)} onChange={() => onToggle(id)} />
                <span>
                  {title}
                  {lines !== null && lines > 1 ? <small> {lines} series</small> : null}
                </span>
              </label>
            </li>
          ))}
        </ul>
        {found.length === 0 ? <p>Nothing has a name like this.</p> : null}
        {left > 0 ? <p>{left} more: search for them.</p> : null}
      </div>
    </details>
  );
}

/** All words must be found, each in the chart's name or in what tells a series. */
export function entriesFor(charts: readonly MetricChart[], search: string): readonly Entry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
  const all = charts.map(({ id, title, members }): Entry => ({ id, title, lines: members.length }));
  if (words.length === 0) return all;
  const series = charts.flatMap(({ title, members }) =>
    members.flatMap(({ name, label }): Entry[] => {
      const text = `${title} · ${label}`;
      return fits(text) && !fits(title) ? [{ id: name satisfies SeriesName, title: text, lines: null }] : [];
    }),
  );
  return [...all.filter(({ title }) => fits(title)), ...series];
}
