import { type FormEvent, useId, useState } from 'react';
import type { OutboxForm, OutboxItem, OutboxState, OutboxView } from '../../../shared/outbox';
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

/** As main takes it, characters. */
const longestType = 1_000;

/** Messages to a two-way feed: one to write, and what became of the others. */
export function Outbox({ view }: { readonly view: SourceView }) {
  const { outbox, look } = useOutbox(view.id);
  return (
    <div className={styles.outbox}>
      {view.sends ? (
        outbox === null ? null : (
          <Compose key={outbox.form?.to?.label} view={view} outbox={outbox} onSent={look} />
        )
      ) : (
        <p className={styles.promise}>Nothing can be sent to this feed. {visible(view.cannotSend ?? '')}</p>
      )}
      {outbox && outbox.trouble !== null ? (
        <p className={styles.refusal} role="status">
          {visible(outbox.trouble)}
        </p>
      ) : null}
      <Panel title="Sent" aside={outbox ? countsOf(outbox) : null}>
        {outbox && outbox.items.length === 0 ? <p className={styles.none}>Nothing was sent yet.</p> : null}
        <ol className={styles.list}>
          {outbox?.items.map((item) => (
            <Item key={item.number} item={item} to={written(outbox)} source={view.id} onDecided={look} />
          ))}
        </ol>
      </Panel>
    </div>
  );
}

/** Whether a person writes where a message goes. */
const written = ({ form }: OutboxView): boolean => form?.to != null && form.to.choices === undefined;

function countsOf({ queued, held, unknown }: OutboxView): string {
  return [`${queued} wait`, ...(held > 0 ? [`${held} held`] : []), `${unknown} unknown`].join(' · ');
}

interface ComposeProps {
  readonly view: SourceView;
  readonly outbox: OutboxView;
  readonly onSent: () => void;
}

function Compose({ view, outbox: { form, promise }, onSent }: ComposeProps) {
  const { bridge } = useServices();
  const [type, setType] = useState(form?.to?.usual ?? '');
  const [body, setBody] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const to = form?.to ?? null;

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setRefusal(null);
    try {
      const result = await bridge.call('outbox.send', { source: view.id, type: to ? type : 'message', body });
      if (!result.ok) return setRefusal(errorText(result.error));
      setBody('');
      onSent();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };

  return (
    <form className={styles.compose} onSubmit={(event) => void send(event)} aria-label="Send a message">
      {to ? <Destination to={to} value={type} onChange={setType} /> : null}
      <label>
        Message
        <textarea
          value={body}
          onChange={(event) => setBody(event.target.value)}
          spellCheck={false}
          rows={4}
          placeholder={form?.body ?? ''}
        />
      </label>
      <p className={styles.promise}>{visible(promise ?? '')}</p>
      {refusal === null ? null : (
        <p className={styles.refusal} role="alert">
          {visible(refusal)}
        </p>
      )}
      <div>
        <Button type="submit" look="primary" disabled={body === '' || (to !== null && type.trim() === '')}>
          Send
        </Button>
      </div>
    </form>
  );
}

interface DestinationProps {
  readonly to: NonNullable<OutboxForm['to']>;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Where a message goes, or what it is called. */
function Destination({ to, value, onChange }: DestinationProps) {
  const id = useId();
  return (
    <label htmlFor={id}>
      {to.label}
      {to.choices ? (
        <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
          {to.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.text}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          maxLength={longestType}
          placeholder={to.example}
          spellCheck={false}
        />
      )}
    </label>
  );
}

interface ItemProps {
  readonly item: OutboxItem;
  /** Where it goes is written by a person. */
  readonly to: boolean;
  readonly source: string;
  readonly onDecided: () => void;
}

function Item({ item, to, source, onDecided }: ItemProps) {
  const { call } = useServices();
  const decide = async (decision: 'again' | 'dismiss'): Promise<void> => {
    await call('outbox.decide', { source, number: item.number, decision });
    onDecided();
  };
  return (
    <li className={styles.item} data-state={item.state}>
      <span className={styles.state}>{stateTexts[item.state]}</span>
      <time title={fullTime(item.at)}>{clockMs(item.at)}</time>
      <code>{visible(`${to ? `${item.type} ` : ''}${item.body.slice(0, 200)}`)}</code>
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
