import type { ClipboardEvent, KeyboardEvent } from 'react';
import type { UseFormRegisterReturn } from 'react-hook-form';
import { Button } from '../../../ui/button';
import { Countdown } from '../../../ui/countdown';
import { Field, fieldProps } from '../../../ui/field';
import { visible } from '../../../ui/format/visible';
import styles from './add.module.css';
import { type Look, useHeld } from './use-look';

interface PasteFieldProps {
  readonly register: UseFormRegisterReturn;
  readonly value: string;
  readonly error: string | undefined;
  readonly look: Look;
  /** Whether there is something to look at. */
  readonly can: boolean;
  /** The source exists: only its address is changed here. */
  readonly editing: boolean;
  /** What of something pasted was left out or taken apart, in sentences. */
  readonly notes: readonly string[];
  /** Called with what stands in the field, or is about to. */
  readonly onLook: (pasted: string) => void;
  readonly onEnd: () => void;
}

/** Lines of a command that are seen at once. */
const mostRows = 6;

/** Takes an address or a whole `curl` command. Pasting into the empty field, Enter and the button look at it. */
export function PasteField({ register, value, error, look, can, editing, notes, onLook, onEnd }: PasteFieldProps) {
  const looking = look.kind === 'looking';
  const held = useHeld(look);
  const pasted = (event: ClipboardEvent<HTMLTextAreaElement>): void => {
    const field = event.currentTarget;
    const whole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    const text = event.clipboardData.getData('text/plain').trim();
    if (editing || !whole || text === '') return;
    event.preventDefault();
    onLook(text);
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // A line of a command that is typed may go on.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || value.endsWith('\\')) return;
    event.preventDefault();
    // What the server asked for is waited for, and nothing is added by a key that was to look.
    if (can && held) return;
    if (can) onLook(value);
    else event.currentTarget.form?.requestSubmit();
  };
  return (
    <Field
      id="url"
      label="Address"
      error={error}
      hint={
        visible(notes.join(' ')) || (editing ? '' : 'Or a whole curl command. Paste it, and Wirewatch looks at it.')
      }
    >
      <div className={styles.paste}>
        <textarea
          {...fieldProps('url', error)}
          {...register}
          rows={Math.min(mostRows, value.split('\n').length)}
          placeholder="https://host/path, wss://host/path or curl …"
          spellCheck={false}
          autoComplete="off"
          onPaste={pasted}
          onKeyDown={pressed}
        />
        {editing ? null : looking ? (
          <Button onClick={onEnd} className={styles.lookButton}>
            Stop <Countdown until={look.until} />
          </Button>
        ) : (
          <Button onClick={() => onLook(value)} disabled={!can || held} className={styles.lookButton}>
            {look.kind === 'none' ? 'Look' : 'Look again'}
          </Button>
        )}
      </div>
    </Field>
  );
}
