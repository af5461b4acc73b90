import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { FieldPath, UseFormReturn } from 'react-hook-form';
import type { CommandArgs } from '../../../../shared/ipc';
import type { ReachPart } from '../../../../shared/secrets';
import { Field, fieldProps } from '../../../ui/field';
import { base64Of, maxArchiveBytes } from './archive-file';
import styles from './reach.module.css';
import type { ReachFields, SecretField, SecretNames } from './reach-fields';
import { TestButton } from './test-button';

/** The form these inputs are part of. */
export interface WithReach {
  readonly reach: ReachFields;
}

type Form = UseFormReturn<WithReach>;

/** What every section is given. */
export interface SectionsProps {
  readonly form: Form;
  /** Secrets that are kept already. */
  readonly kept: SecretNames;
  /** The form as it stands, for a test. */
  readonly draft: () => Omit<CommandArgs<'sources.test'>, 'part'>;
}

interface SectionProps {
  readonly title: string;
  readonly summary: string;
  readonly part: ReachPart;
  readonly props: SectionsProps;
  /** Fields in it: one with an error opens it. */
  readonly fields: readonly (keyof ReachFields)[];
  readonly onTrust?: (fingerprint: string) => void;
  readonly children: ReactNode;
}

/** A part of the profile that opens, with the button that tries it. */
export function Section({ title, summary, part, props, fields, onTrust, children }: SectionProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDetailsElement>(null);
  const wrong = fields.some((name) => errorOf(props.form, name) !== undefined);
  // Opened by what is wrong in it, it stays open while that is mended.
  useEffect(() => {
    if (wrong) setOpen(true);
  }, [wrong]);
  // What is wrong could not take the focus while it was folded away.
  useEffect(() => {
    if (wrong && open) box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [wrong, open]);
  return (
    <details
      ref={box}
      className={styles.section}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      data-section={part}
    >
      <summary>
        {title}
        <span>{summary}</span>
      </summary>
      <div className={styles.fields}>
        {children}
        <TestButton part={part} draft={props.draft} {...(onTrust ? { onTrust } : {})} />
      </div>
    </details>
  );
}

type TextName = {
  [Name in keyof ReachFields]: ReachFields[Name] extends string ? Name : never;
}[keyof ReachFields];

interface InputProps<Name extends keyof ReachFields> {
  readonly form: Form;
  readonly name: Name;
  readonly label: string;
  readonly hint?: string;
}

export function Text({
  form,
  name,
  label,
  hint,
  placeholder,
}: InputProps<TextName> & { readonly placeholder?: string }) {
  const error = errorOf(form, name);
  return (
    <Field id={name} label={label} error={error} {...(hint ? { hint } : {})}>
      <input
        {...fieldProps(name, error)}
        {...form.register(`reach.${name}` as FieldPath<WithReach>)}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
      />
    </Field>
  );
}

export function Area({
  form,
  name,
  label,
  hint,
  placeholder,
}: InputProps<TextName> & { readonly placeholder: string }) {
  const error = errorOf(form, name);
  return (
    <Field id={name} label={label} error={error} {...(hint ? { hint } : {})}>
      <textarea
        {...fieldProps(name, error)}
        {...form.register(`reach.${name}` as FieldPath<WithReach>)}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
      />
    </Field>
  );
}

interface ChoiceProps extends InputProps<TextName> {
  /** Value and text, best first. */
  readonly options: readonly (readonly [string, string])[];
}

export function Choice({ form, name, label, hint, options }: ChoiceProps) {
  const error = errorOf(form, name);
  return (
    <Field id={name} label={label} error={error} {...(hint ? { hint } : {})}>
      <select {...fieldProps(name, error)} {...form.register(`reach.${name}` as FieldPath<WithReach>)}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function Secret({
  form,
  kept,
  name,
  label,
}: SectionsProps & { readonly name: SecretField; readonly label: string }) {
  const error = errorOf(form, name);
  return (
    <Field id={name} label={label} error={error}>
      <input
        {...fieldProps(name, error)}
        {...form.register(`reach.${name}` as FieldPath<WithReach>)}
        type="password"
        placeholder={kept[name] === null ? '' : 'Kept. Type another to replace it.'}
        autoComplete="new-password"
      />
    </Field>
  );
}

/** The bytes of a PKCS#12 file, read by the browser: no path of this machine is passed on. */
export function Archive({ form, kept }: SectionsProps) {
  // Not the form's: it would not be sent while a file stands refused that was given up for something else.
  const [refused, setRefused] = useState<string | undefined>(undefined);
  const read = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const archive = await base64Of(file).catch(() => 'unreadable' as const);
    if (archive === null || archive === 'unreadable') {
      const size = `It is too large for an archive: at most ${maxArchiveBytes / 1024} KiB are kept.`;
      setRefused(archive === null ? size : 'It cannot be read.');
      return;
    }
    setRefused(undefined);
    form.setValue('reach.pkcs12', archive, { shouldDirty: true });
  };
  return (
    <Field id="pkcs12" label="Archive (.p12, .pfx)" error={refused} hint={kept.pkcs12 === null ? '' : 'One is kept.'}>
      <input
        {...fieldProps('pkcs12', refused)}
        type="file"
        accept=".p12,.pfx"
        onChange={(event) => void read(event.target.files?.[0])}
      />
    </Field>
  );
}

export function Check({ form, name, label }: InputProps<'http2' | 'cookies' | 'compression'>) {
  return (
    <label className={styles.check}>
      <input type="checkbox" {...form.register(`reach.${name}`)} /> {label}
    </label>
  );
}

function errorOf(form: Form, name: keyof ReachFields): string | undefined {
  return form.formState.errors.reach?.[name]?.message;
}
