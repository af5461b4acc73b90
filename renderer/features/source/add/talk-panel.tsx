import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { OpenStep, Recipe } from '../../../../shared/recipe';
import { Button } from '../../../ui/button';
import { Field, fieldProps } from '../../../ui/field';
import { visible } from '../../../ui/format/visible';
import { Panel } from '../../../ui/panel';
import styles from './add.module.css';
import { conditionsText, readConditions } from './condition-text';
import { type TypedVariables, withNewSecret } from './variables';

interface TalkPanelProps {
  readonly recipe: Recipe;
  readonly onChange: (recipe: Recipe) => void;
  readonly typed: TypedVariables;
  readonly onType: (typed: TypedVariables) => void;
  /** Messages can be sent: it is read over a WebSocket. */
  readonly socket: boolean;
  /** What the protocol says of its own accord: then it alone speaks. */
  readonly says: readonly string[];
}

/** What is sent of our own accord: messages on open, each with the answer that is waited for, and secrets by name. */
export function TalkPanel({ recipe, onChange, typed, onType, socket: isSocket, says }: TalkPanelProps) {
  const { talk, ask, variables } = recipe;
  const socket = isSocket && says.length === 0;
  if (!socket && says.length === 0 && ask.post === undefined && variables.length === 0) return null;
  const setOpen = (open: readonly OpenStep[]): void => onChange({ ...recipe, talk: { ...talk, open: [...open] } });
  const add = (): void => setOpen([...talk.open, { send: '{}', login: false, withinSeconds: 10 }]);
  const addSecret = (): void => {
    const { recipe: more, place } = withNewSecret(recipe);
    const last = more.talk.open.at(-1);
    const open = last === undefined ? [] : [...more.talk.open.slice(0, -1), { ...last, send: `${last.send}${place}` }];
    onChange({ ...more, talk: { ...talk, open } });
  };
  return (
    <Panel title="What will be sent" aside={socket || says.length > 0 ? 'on open, and again at every reconnect' : null}>
      <div className={styles.talk}>
        {ask.post === undefined ? null : (
          <p className={styles.post}>
            A POST with this body{ask.post.billed ? ', asked again only after a break: each answer may be billed' : ''}:{' '}
            <code>{visible(ask.post.body.slice(0, 300))}</code>
          </p>
        )}
        {says.length === 0 ? null : (
          <ol className={styles.says}>
            {says.map((sentence) => (
              <li key={sentence}>{visible(sentence)}</li>
            ))}
          </ol>
        )}
        {socket && talk.open.length === 0 ? <p className={styles.why}>Nothing.</p> : null}
        {socket
          ? talk.open.map((step, at) => (
              <Step
                // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name of their own
                key={at}
                number={at + 1}
                step={step}
                onChange={(next) => setOpen(talk.open.map((one, nth) => (nth === at ? next : one)))}
                onRemove={() => setOpen(talk.open.filter((_, nth) => nth !== at))}
              />
            ))
          : null}
        {(says.length > 0 ? [] : talk.every).map(({ seconds, send }) => (
          <p key={send} className={styles.why}>
            Every {seconds} s: <code>{visible(send.slice(0, 200))}</code>
          </p>
        ))}
        {variables.map(({ name, title, value, secret }) => (
          <Field key={name} id={`variable-${name}`} label={visible(title)} error={undefined}>
            <input
              {...fieldProps(`variable-${name}`, undefined)}
              type={secret ? 'password' : 'text'}
              value={typed[name] ?? (secret ? '' : value)}
              placeholder={secret && value !== '' ? 'Kept. Type another to replace it.' : `Stands for {{${name}}}`}
              onChange={(event) => onType({ ...typed, [name]: event.target.value })}
              autoComplete={secret ? 'new-password' : 'off'}
              spellCheck={false}
            />
          </Field>
        ))}
        {socket ? (
          <div className={styles.talkActions}>
            <Button look="quiet" onClick={add} disabled={talk.open.length >= 20}>
              <Plus size={13} aria-hidden="true" /> Add a message
            </Button>
            {talk.open.length === 0 ? null : (
              <Button look="quiet" onClick={addSecret} disabled={variables.length >= 20}>
                <Plus size={13} aria-hidden="true" /> Put a secret into the last one
              </Button>
            )}
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

interface StepProps {
  readonly number: number;
  readonly step: OpenStep;
  readonly onChange: (step: OpenStep) => void;
  readonly onRemove: () => void;
}

/** One message on open. */
function Step({ number, step, onChange, onRemove }: StepProps) {
  const [expect, setExpect] = useState(conditionsText(step.expect));
  const read = readConditions(expect);
  const problem = read.ok ? undefined : read.message;
  const type = (text: string): void => {
    setExpect(text);
    const next = readConditions(text);
    if (!next.ok) return;
    const { expect: _before, ...rest } = step;
    onChange(next.conditions === undefined ? rest : { ...rest, expect: [...next.conditions] });
  };
  return (
    <fieldset className={styles.step}>
      <legend>
        Message {number}
        {step.after === undefined ? '' : `, after ${visible(conditionsText(step.after))}`}
      </legend>
      <Button look="icon" aria-label={`Remove message ${number}`} className={styles.remove} onClick={onRemove}>
        <X size={13} aria-hidden="true" />
      </Button>
      <Field id={`send-${number}`} label="Text" error={undefined}>
        <textarea
          {...fieldProps(`send-${number}`, undefined)}
          value={step.send}
          rows={2}
          onChange={(event) => onChange({ ...step, send: event.target.value })}
          spellCheck={false}
        />
      </Field>
      <Field id={`expect-${number}`} label={`Answer waited for, up to ${step.withinSeconds} s`} error={problem}>
        <input
          {...fieldProps(`expect-${number}`, problem)}
          value={expect}
          placeholder="none, or as in: type = auth_ok"
          onChange={(event) => type(event.target.value)}
          spellCheck={false}
          autoComplete="off"
        />
      </Field>
      <label className={styles.login}>
        <input
          type="checkbox"
          checked={step.login}
          onChange={(event) => onChange({ ...step, login: event.target.checked })}
        />{' '}
        It is a login
      </label>
    </fieldset>
  );
}
