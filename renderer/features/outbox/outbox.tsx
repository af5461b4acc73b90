import { type FormEvent, useState } from 'react';
import type { OutboxItem, OutboxState, OutboxView } from '../../../shared/outbox';
import type { SourceView } from '../../../shared/view';
import { errorText, useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { clockMs, fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import styles from './outbox.module.css';
import { useOutbox } from './use-outbox';

const stateTexts: Readonly<Record<OutboxState, string>> = {
  queued: 'waits',
  held: 'held',
  sending: 'under way',
  acknowledged: 'arrived',
  sent: 'sent',
  refused: 'refused',
  unknown: 'unknown',
};

/** Messages to a two-way feed: one to write, and what became of the others. */
export function Outbox({ view }: { readonly view: SourceView }) {
  const { outbox, look } = useOutbox(view.id);
  return (
    <div className={styles.outbox}>
      <Compose view={view} promise={outbox?.promise ?? ''} onSent={look} />
      {outbox && outbox.trouble !== null ? (
        <p className={styles.refusal} role="status">
          {visible(outbox.trouble)}
        </p>
      ) : null}
      <Panel title="Sent" aside={outbox ? countsOf(outbox) : null}>
        {outbox && outbox.items.length === 0 ? <p className={styles.none}>Nothing was sent yet.</p> : null}
        <ol className={styles.list}>
          {outbox?.items.map((item) => (
            <Item key={item.number} item={item} source={view.id} onDecided={look} />
          ))}
        </ol>
      </Panel>
    </div>
  );
}

function countsOf({ queued, held, unknown }: OutboxView): string {
  return [`${queued} wait`, ...(held > 0 ? [`${held} held`] : []), `${unknown} unknown`].join(' · ');
}

interface ComposeProps {
  readonly view: SourceView;
  readonly promise: string;
  readonly onSent: () => void;
}

function Compose({ view, promise, onSent }: ComposeProps) {
  const { bridge } = useServices();
  const [type, setType] = useState('note');
  const [body, setBody] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const typed = (view.readAs ?? view.config).protocol === 'gateway';

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setRefusal(null);
    try {
      const result = await bridge.call('outbox.send', { source: view.id, type: typed ? type : 'message', body });
      if (!result.ok) return setRefusal(errorText(result.error));
      setBody('');
      onSent();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };

  return (
    <form className={styles.compose} onSubmit={(event) => void send(event)} aria-label="Send a message">
      {typed ? (
        <label>
          Type
          <input value={type} onChange={(event) => setType(event.target.value)} maxLength={128} spellCheck={false} />
        </label>
      ) : null}
      <label>
        Message
        <textarea value={body} onChange={(event) => setBody(event.target.value)} spellCheck={false} rows={4} />
      </label>
      <p className={styles.promise}>{visible(promise)}</p>
      {refusal === null ? null : (
        <p className={styles.refusal} role="alert">
          {visible(refusal)}
        </p>
      )}
      <div>
        <Button type="submit" look="primary" disabled={body === ''}>
          Send
        </Button>
      </div>
    </form>
  );
}

interface ItemProps {
  readonly item: OutboxItem;
  readonly source: string;
  readonly onDecided: () => void;
}

function Item({ item, source, onDecided }: ItemProps) {
  const { call } = useServices();
  const decide = async (decision: 'again' | 'dismiss'): Promise<void> => {
    await call('outbox.decide', { source, number: item.number, decision });
    onDecided();
  };
  return (
    <li className={styles.item} data-state={item.state}>
      <span className={styles.state}>{stateTexts[item.state]}</span>
      <time title={fullTime(item.at)}>{clockMs(item.at)}</time>
      <code>{visible(item.body.slice(0, 200))}</code>
      <span className={styles.note}>{visible(item.note)}</span>
      {item.state === 'unknown' || item.state === 'held' ? (
        <span className={styles.decide}>
          <Button look="quiet" onClick={() => void decide('again')}>
            {item.state === 'held' ? 'Send here' : 'Send again'}
          </Button>
          <Button look="quiet" onClick={() => void decide('dismiss')}>
            Let go
          </Button>
        </span>
      ) : null}
    </li>
  );
}
