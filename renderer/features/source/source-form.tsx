import { type ReactNode, useState } from 'react';
import { useForm } from 'react-hook-form';
import type { FieldError as ContractError } from '../../../shared/errors';
import type { SourceConfig } from '../../../shared/source';
import { routeHref } from '../../store/route';
import { errorText, useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { visible } from '../../ui/format/visible';
import { draftOf, feedKinds, feedKindTexts, fieldOf, fieldsOf, type SourceFields, suggestedName } from './draft';
import styles from './source-form.module.css';

interface SourceFormProps {
  /** The source to edit; none to add one. */
  readonly source?: SourceConfig;
  readonly onClose: () => void;
}

const empty: SourceFields = { name: '', url: '', kind: 'auto', intervalSeconds: 5 };

/** Adds or edits a source. Main judges what is right; its words stand at the field they are about. */
export function SourceForm({ source, onClose }: SourceFormProps) {
  const { bridge } = useServices();
  const [refusal, setRefusal] = useState<string | null>(null);
  const form = useForm<SourceFields>({ defaultValues: source === undefined ? empty : fieldsOf(source) });
  const { register, handleSubmit, setError, watch, formState } = form;
  const [kind, url, name] = watch(['kind', 'url', 'name']);

  const refuse = (errors: readonly ContractError[]): void => {
    const loose: string[] = [];
    // Without a name it takes the address's: when that is no address, the missing name is not the person's fault.
    const badAddress = errors.some(({ field }) => fieldOf(field) === 'url');
    for (const { field, message, fix } of errors) {
      const target = fieldOf(field);
      if (target === 'name' && badAddress && name.trim() === '') continue;
      const text = `${message} ${fix}`.trim();
      if (target === null) loose.push(text);
      else setError(target, { message: text }, { shouldFocus: true });
    }
    setRefusal(loose.length === 0 ? null : loose.join(' '));
  };

  const submit = handleSubmit(async (fields) => {
    setRefusal(null);
    const draft = draftOf(fields);
    try {
      const result =
        source === undefined
          ? await bridge.call('sources.add', draft)
          : await bridge.call('sources.edit', { id: source.id, draft });
      if (result.ok) {
        onClose();
        window.location.hash = routeHref({ page: 'source', id: result.value.id, tab: 'health' });
      } else if (result.error.kind === 'invalid') refuse(result.error.errors);
      else setRefusal(errorText(result.error));
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  });

  return (
    <Dialog open onClose={onClose} title={source === undefined ? 'Add source' : `Edit ${visible(source.name)}`}>
      <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
        <Field id="url" label="Address" error={formState.errors.url?.message}>
          <input
            {...fieldProps('url', formState.errors.url?.message)}
            {...register('url')}
            placeholder="https://host/path or wss://host/path"
            spellCheck={false}
            autoComplete="off"
          />
        </Field>
        <Field id="name" label="Name" error={formState.errors.name?.message}>
          <input
            {...fieldProps('name', formState.errors.name?.message)}
            {...register('name')}
            placeholder={suggestedName(url) || 'As you like to call it'}
            autoComplete="off"
          />
        </Field>
        <Field id="kind" label="Kind" error={formState.errors.kind?.message} hint={feedKindTexts[kind].hint}>
          <select {...fieldProps('kind', formState.errors.kind?.message)} {...register('kind')}>
            {feedKinds.map((value) => (
              <option key={value} value={value}>
                {feedKindTexts[value].name}
              </option>
            ))}
          </select>
        </Field>
        {kind === 'poll' ? (
          <Field id="intervalSeconds" label="Seconds between polls" error={formState.errors.intervalSeconds?.message}>
            <input
              {...fieldProps('intervalSeconds', formState.errors.intervalSeconds?.message)}
              {...register('intervalSeconds', { valueAsNumber: true })}
              type="number"
              min={1}
              max={3600}
            />
          </Field>
        ) : null}
        {refusal === null ? null : (
          <p className={styles.refusal} role="alert">
            {visible(refusal)}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={formState.isSubmitting}>
            {source === undefined ? 'Add' : 'Save'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function fieldProps(id: string, error: string | undefined) {
  return { id: `source-${id}`, 'aria-invalid': error !== undefined, 'aria-describedby': `source-${id}-note` } as const;
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly error: string | undefined;
  readonly hint?: string;
  readonly children: ReactNode;
}

function Field({ id, label, error, hint = '', children }: FieldProps) {
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
