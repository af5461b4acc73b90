import { useState } from 'react';
import { useInterest, useWindow } from '../../store/services';
import { Button } from '../../ui/button';
import { Segments } from '../../ui/segments';
import { CardGrid } from './card-grid';
import { useTroubleOrder } from './order';
import styles from './overview.module.css';
import { SourceTable } from './source-table';

const looks = [
  { value: 'cards', text: 'Cards' },
  { value: 'table', text: 'Table' },
] as const;

/** Every source, trouble first. */
export function Overview({ onAdd }: { readonly onAdd: () => void }) {
  useInterest({ source: null, tail: false, series: [] });
  const complete = useWindow((state) => state.complete);
  const [held, setHeld] = useState(false);
  const [look, setLook] = useState<'cards' | 'table'>('cards');
  const ids = useTroubleOrder(held);
  if (complete && ids.length === 0) return <NoSources onAdd={onAdd} />;
  return (
    <section className={styles.page} aria-labelledby="overview-title">
      <header className={styles.head}>
        <div>
          <h1 id="overview-title">Overview</h1>
          <p>Trouble first · last minute</p>
        </div>
        <Segments label="View" value={look} options={looks} onChange={setLook} />
      </header>
      <div className={styles.body} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
        {look === 'cards' ? <CardGrid ids={ids} /> : <SourceTable ids={ids} />}
      </div>
    </section>
  );
}

function NoSources({ onAdd }: { readonly onAdd: () => void }) {
  return (
    <section className={styles.empty} aria-labelledby="overview-title">
      <h1 id="overview-title">Nothing is being watched yet</h1>
      <p>
        Add a feed by its address: a WebSocket, server-sent events, a long-poll or a plain poll. Wirewatch finds the way
        that gets through and keeps it open.
      </p>
      <Button look="primary" onClick={onAdd}>
        Add the first source
      </Button>
    </section>
  );
}
