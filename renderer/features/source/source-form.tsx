import { useState } from 'react';
import { type UseFormReturn, useForm } from 'react-hook-form';
import type { FieldError as ContractError } from '../../../shared/errors';
import type { SourceConfig } from '../../../shared/source';
import { routeHref } from '../../store/route';
import { errorText, useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { Field, fieldProps } from '../../ui/field';
import { visible } from '../../ui/format/visible';
import { draftOf, feedKinds, feedKindTexts, fieldOf, fieldsOf, type SourceFields, suggestedName } from './draft';
import { emptyReach, reachDraftOf, reachFieldOf, reachFieldsOf, secretNamesOf } from './reach/reach-fields';
import type { WithReach } from './reach/reach-inputs';
import { ReachSections } from './reach/reach-sections';
import { useSecretStorage } from './reach/use-secrets';
import styles from './source-form.module.css';

interface SourceFormProps {
  /** The source to edit; none to add one. */
  readonly source?: SourceConfig;
  readonly onClose: () => void;
}

type FormFields = SourceFields & WithReach & { readonly storeWeakly: boolean };

const empty: FormFields = {
  name: '',
  url: '',
  kind: 'auto',
  intervalSeconds: 5,
  reach: emptyReach,
  storeWeakly: false,
};

/** A name for a secret that nobody has yet. */
const newName = (): string => crypto.randomUUID().slice(0, 13);

/** Adds or edits a source. Main judges what is right; its words stand at the field they are about. */
export function SourceForm({ source, onClose }: SourceFormProps) {
  const { bridge } = useServices();
  const [refusal, setRefusal] = useState<string | null>(null);
  const storage = useSecretStorage();
  const form = useForm<FormFields>({
    defaultValues: source === undefined ? empty : { ...empty, ...fieldsOf(source), reach: reachFieldsOf(source.reach) },
  });
  const { register, handleSubmit, setError, watch, formState } = form;
  const [kind, url, name] = watch(['kind', 'url', 'name']);

  const refuse = (errors: readonly ContractError[]): void => {
    const loose: string[] = [];
    // Without a name it takes the address's: when that is no address, the missing name is not the person's fault.
    const badAddress = errors.some(({ field }) => fieldOf(field) === 'url');
    for (const { field, message, fix } of errors) {
      const inReach = reachFieldOf(field);
      if (inReach !== null) {
        setError(`reach.${inReach}`, { message: `${message} ${fix}`.trim() }, { shouldFocus: true });
        continue;
      }
      const target = fieldOf(field);
      if (target === 'name' && badAddress && name.trim() === '') continue;
      const text = `${message} ${fix}`.trim();
      if (target === null) loose.push(text);
      else setError(target, { message: text }, { shouldFocus: true });
    }
    setRefusal(loose.length === 0 ? null : loose.join(' '));
  };

  /** The form as main is to have it. A profile nobody touched is none. */
  const whole = (fields: FormFields) => {
    const { reach, secrets } = reachDraftOf(fields.reach, source?.reach, newName);
    const touched = source?.reach !== undefined || JSON.stringify(fields.reach) !== JSON.stringify(emptyReach);
    return { draft: { ...draftOf(fields), ...(touched ? { reach } : {}) }, secrets };
  };

  const submit = handleSubmit(async (fields) => {
    setRefusal(null);
    const { draft, secrets } = whole(fields);
    const keep = storage === 'weak' ? (fields.storeWeakly ? 'weak' : 'run') : 'stored';
    let kept = false;
    try {
      // Before the source, so that it starts with them.
      for (const secret of secrets) {
        const set = await bridge.call('secrets.set', { ...secret, keep });
        if (!set.ok) return setRefusal(errorText(set.error));
      }
      const result =
        source === undefined
          ? await bridge.call('sources.add', draft)
          : await bridge.call('sources.edit', { id: source.id, draft });
      if (result.ok) {
        kept = true;
        onClose();
        window.location.hash = routeHref({ page: 'source', id: result.value.id, tab: 'health' });
      } else if (result.error.kind === 'invalid') refuse(result.error.errors);
      else setRefusal(errorText(result.error));
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    } finally {
      if (!kept) for (const { name } of secrets) void bridge.call('secrets.forget', { name });
    }
  });

  const openRecording = async (): Promise<void> => {
    setRefusal(null);
    try {
      const result = await bridge.call('sources.chooseRecording', {});
      if (!result.ok) return setRefusal(errorText(result.error));
      if (result.value === null) return;
      form.setValue('url', result.value.url, { shouldDirty: true });
      if (name.trim() === '') form.setValue('name', result.value.name, { shouldDirty: true });
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  const isRecording = /^file:/i.test(url.trim());

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
        {source !== undefined && url.trim() !== source.url ? (
          <p className={styles.recording} role="status">
            Messages that still wait were written for the old address: they are held, and go to the new one only if you
            send them there.
          </p>
        ) : null}
        {source === undefined && (isRecording || url.trim() === '') ? (
          <p className={styles.recording}>
            <Button look="quiet" onClick={() => void openRecording()}>
              {isRecording ? 'Open another recording…' : 'Or open a recording…'}
            </Button>
          </p>
        ) : null}
        <Field id="name" label="Name" error={formState.errors.name?.message}>
          <input
            {...fieldProps('name', formState.errors.name?.message)}
            {...register('name')}
            placeholder={suggestedName(url) || 'As you like to call it'}
            autoComplete="off"
          />
        </Field>
        {isRecording ? null : (
          <>
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
              <Field
                id="intervalSeconds"
                label="Seconds between polls"
                error={formState.errors.intervalSeconds?.message}
              >
                <input
                  {...fieldProps('intervalSeconds', formState.errors.intervalSeconds?.message)}
                  {...register('intervalSeconds', { valueAsNumber: true })}
                  type="number"
                  min={1}
                  max={3600}
                />
              </Field>
            ) : null}
            <ReachSections
              // The sections know their own part of the form only.
              form={form as unknown as UseFormReturn<WithReach>}
              kept={secretNamesOf(source?.reach)}
              draft={() => whole(form.getValues())}
            />
          </>
        )}
        {storage === 'none' ? (
          <p className={styles.note}>
            This machine has no keyring: passwords, tokens and keys entered here last until Wirewatch ends.
          </p>
        ) : null}
        {storage === 'weak' ? (
          <label className={styles.note}>
            <input type="checkbox" {...register('storeWeakly')} /> Store secrets on disk although this machine has no
            keyring: whoever can read the disk can read them. Otherwise they last until Wirewatch ends.
          </label>
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
