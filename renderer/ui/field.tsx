import type { ReactNode } from 'react';
import styles from './field.module.css';
import { visible } from './format/visible';

/** What an input of a `Field` carries, so that its label and its note belong to it. */
export function fieldProps(id: string, error: string | undefined) {
  return { id: `source-${id}`, 'aria-invalid': error !== undefined, 'aria-describedby': `source-${id}-note` } as const;
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly error: string | undefined;
  readonly hint?: string;
  readonly children: ReactNode;
}

/** A labelled input of a form, with main's words below it when they are about it. */
export function Field({ id, label, error, hint = '', children }: FieldProps) {
  return (
    <div className={styles.field}>
      <label htmlFor={`source-${id}`}>{label}</label>
      {children}
      <p id={`source-${id}-note`} data-error={error !== undefined} role={error === undefined ? undefined : 'alert'}>
        {visible(error ?? hint)}
      </p>
    </div>
  );
}
