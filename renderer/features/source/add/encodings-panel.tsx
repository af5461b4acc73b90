import { FileInput, Plus, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type BodyEncoding, bodyEncodings, type Recipe } from '../../../../shared/recipe';
import { useServices } from '../../../store/services';
import { Button } from '../../../ui/button';
import { Field, fieldProps } from '../../../ui/field';
import { visible } from '../../../ui/format/visible';
import { Panel } from '../../../ui/panel';
import styles from './add.module.css';

const names: Readonly<Record<BodyEncoding['as'], string>> = {
  text: 'Text',
  messagepack: 'MessagePack',
  cbor: 'CBOR',
  protobuf: 'Protobuf',
  hex: 'Bytes, shown in hex',
};

/** Rows that a recipe may have. */
const mostRows = 20;

interface EncodingsPanelProps {
  readonly recipe: Recipe;
  readonly onChange: (recipe: Recipe) => void;
}

/** How bodies that are no text are written, by the names of their streams; of Protobuf also by what, and which message. */
export function EncodingsPanel({ recipe, onChange }: EncodingsPanelProps) {
  const { call } = useServices();
  const { encodings, descriptors } = recipe.read;
  const messages = useMessages(descriptors);
  const put = (read: Partial<Recipe['read']>): void => onChange({ ...recipe, read: { ...recipe.read, ...read } });
  const change = (at: number, next: BodyEncoding): void =>
    put({ encodings: encodings.map((one, nth) => (nth === at ? next : one)) });
  const choose = async (): Promise<void> => {
    const chosen = await call('recipes.describe', {});
    if (chosen !== null) put({ descriptors: chosen });
  };
  return (
    <Panel title="Bodies of bytes" aside={encodings.length === 0 ? 'text where they are text, else hex' : null}>
      <div className={styles.talk}>
        {encodings.map((encoding, at) => (
          <Row
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own
            key={at}
            number={at + 1}
            encoding={encoding}
            messages={messages}
            onChange={(next) => change(at, next)}
            onRemove={() => put({ encodings: encodings.filter((_, nth) => nth !== at) })}
          />
        ))}
        {encodings.some(({ as }) => as === 'protobuf') ? (
          <div className={styles.talkActions}>
            <Button look="quiet" onClick={() => void choose()}>
              <FileInput size={13} aria-hidden="true" /> Choose descriptors…
            </Button>
            <span className={styles.why}>
              {descriptors === undefined
                ? 'A file of protoc --include_imports --descriptor_set_out.'
                : `${messages.length} ${messages.length === 1 ? 'message' : 'messages'} described.`}
            </span>
          </div>
        ) : null}
        <div className={styles.talkActions}>
          <Button
            look="quiet"
            onClick={() => put({ encodings: [...encodings, { streams: '*', as: 'messagepack' }] })}
            disabled={encodings.length >= mostRows}
          >
            <Plus size={13} aria-hidden="true" /> Say how bodies are written
          </Button>
        </div>
      </div>
    </Panel>
  );
}

interface RowProps {
  readonly number: number;
  readonly encoding: BodyEncoding;
  readonly messages: readonly string[];
  readonly onChange: (encoding: BodyEncoding) => void;
  readonly onRemove: () => void;
}

function Row({ number, encoding, messages, onChange, onRemove }: RowProps) {
  const { streams, as, message } = encoding;
  // One that the descriptors do not have stays to be seen: it is refused with its name.
  const known = message === undefined || messages.includes(message) ? messages : [message, ...messages];
  return (
    <fieldset className={styles.step}>
      <legend>Bodies {number}</legend>
      <Button look="icon" aria-label={`Remove bodies ${number}`} className={styles.remove} onClick={onRemove}>
        <X size={13} aria-hidden="true" />
      </Button>
      <Field id={`bodies-${number}`} label="Streams, * for anything" error={undefined}>
        <input
          {...fieldProps(`bodies-${number}`, undefined)}
          value={streams}
          onChange={(event) => onChange({ ...encoding, streams: event.target.value })}
          spellCheck={false}
          autoComplete="off"
        />
      </Field>
      <Field id={`bodies-as-${number}`} label="Written as" error={undefined}>
        <select
          {...fieldProps(`bodies-as-${number}`, undefined)}
          value={as}
          onChange={({ target: { value } }) => {
            const next = bodyEncodings.find((name) => name === value) ?? as;
            onChange(next === 'protobuf' ? { ...encoding, as: next } : { streams, as: next });
          }}
        >
          {bodyEncodings.map((name) => (
            <option key={name} value={name}>
              {names[name]}
            </option>
          ))}
        </select>
      </Field>
      {as === 'protobuf' ? (
        <Field id={`bodies-message-${number}`} label="Message" error={undefined}>
          <select
            {...fieldProps(`bodies-message-${number}`, undefined)}
            value={message ?? ''}
            onChange={({ target: { value } }) =>
              onChange(value === '' ? { streams, as } : { ...encoding, message: value })
            }
          >
            <option value="">{messages.length === 0 ? 'Choose descriptors first' : 'Choose one'}</option>
            {known.map((name) => (
              <option key={name} value={name}>
                {visible(name)}
              </option>
            ))}
          </select>
        </Field>
      ) : null}
    </fieldset>
  );
}

/** Full names of the messages that are described; none until main has told them. */
function useMessages(descriptors: string | undefined): readonly string[] {
  const { bridge } = useServices();
  const [messages, setMessages] = useState<readonly string[]>([]);
  useEffect(() => {
    let wanted = true;
    setMessages([]);
    if (descriptors === undefined) return;
    bridge.call('recipes.messages', { descriptors }).then(
      (result) => {
        if (wanted && result.ok) setMessages(result.value);
      },
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, [bridge, descriptors]);
  return messages;
}
