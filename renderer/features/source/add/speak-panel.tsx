import { useState } from 'react';
import { protocolTexts } from '../../../../shared/protocols';
import type { Speak } from '../../../../shared/speak';
import { Field, fieldProps } from '../../../ui/field';
import { Panel } from '../../../ui/panel';
import styles from './add.module.css';
import { isKept, type SpeakField, speakFields, speakText, withTyped } from './speak-fields';

interface SpeakPanelProps {
  readonly speak: Speak;
  readonly onChange: (speak: Speak) => void;
}

/** What a protocol in code is told: topics, channels, a query. */
export function SpeakPanel({ speak, onChange }: SpeakPanelProps) {
  return (
    <Panel title={protocolTexts[speak.protocol].name} aside="what is asked for, at every connect">
      <div className={styles.talk}>
        {speakFields[speak.protocol].map((field) => (
          <SpeakInputField key={`${speak.protocol} ${field.name}`} speak={speak} field={field} onChange={onChange} />
        ))}
      </div>
    </Panel>
  );
}

function SpeakInputField({ speak, field, onChange }: SpeakPanelProps & { readonly field: SpeakField }) {
  const [typed, setTyped] = useState(() => speakText(speak, field));
  const [problem, setProblem] = useState<string>();
  const { name, label, input, hint } = field;
  const id = `speak-${name}`;
  const take = (next: string | boolean): void => {
    if (typeof next === 'string') setTyped(next);
    const read = withTyped(speak, field, next);
    setProblem(read.ok ? undefined : read.message);
    if (read.ok) onChange(read.speak);
  };
  if (input.kind === 'flag') {
    return (
      <label className={styles.login}>
        <input
          type="checkbox"
          checked={Reflect.get(speak, name) === true}
          onChange={(event) => take(event.target.checked)}
        />{' '}
        {label}
      </label>
    );
  }
  const common = {
    ...fieldProps(id, problem),
    value: typed,
    onChange: (event: { readonly target: { readonly value: string } }) => take(event.target.value),
    spellCheck: false,
  };
  return (
    <Field id={id} label={label} error={problem} {...(hint === undefined ? {} : { hint })}>
      {input.kind === 'choice' ? (
        <select {...common}>
          {input.choices.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      ) : input.kind === 'lines' || input.kind === 'long' ? (
        <textarea {...common} rows={input.kind === 'long' ? 3 : 2} placeholder={input.placeholder} />
      ) : (
        <input
          {...common}
          type={input.kind === 'secret' ? 'password' : 'text'}
          placeholder={
            isKept(speak, field)
              ? 'Kept. Type another to replace it.'
              : input.kind === 'text'
                ? input.placeholder
                : undefined
          }
          autoComplete={input.kind === 'secret' ? 'new-password' : 'off'}
        />
      )}
    </Field>
  );
}
