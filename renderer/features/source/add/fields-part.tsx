import type { UseFormReturn } from 'react-hook-form';
import { defaultName } from '../../../../shared/default-name';
import { Field, fieldProps } from '../../../ui/field';
import { feedKinds, feedKindTexts, type Reading, type SourceFields } from '../draft';
import type { WithReach } from '../reach/reach-inputs';
import styles from './add.module.css';

export type FormFields = SourceFields & WithReach & { readonly storeWeakly: boolean };

interface FieldsPartProps {
  readonly form: UseFormReturn<FormFields>;
  readonly isRecording: boolean;
  /** What the kind *found* means. */
  readonly reading: Reading | null;
  /** Names of the other sources. */
  readonly others: readonly string[];
}

/** The name, the kind and the interval of a source. */
export function FieldsPart({ form, isRecording, reading, others }: FieldsPartProps) {
  const { register, watch, formState } = form;
  const [kind, url] = watch(['kind', 'url']);
  const { errors } = formState;
  const polls =
    kind === 'found'
      ? reading?.ladder.some(({ transport }) => transport === 'poll')
      : kind === 'poll' || kind === 'prometheus';
  return (
    <div className={styles.fields}>
      <Field id="name" label="Name" error={errors.name?.message}>
        <input
          {...fieldProps('name', errors.name?.message)}
          {...register('name')}
          placeholder={defaultName(url, others) || 'As you like to call it'}
          autoComplete="off"
        />
      </Field>
      {isRecording ? null : (
        <Field id="kind" label="Kind" error={errors.kind?.message} hint={feedKindTexts[kind].hint}>
          <select {...fieldProps('kind', errors.kind?.message)} {...register('kind')}>
            {feedKinds.map((value) => (
              // Hidden rather than left out: it is chosen before it is drawn again.
              <option key={value} value={value} hidden={value === 'found' && reading === null}>
                {feedKindTexts[value].name}
              </option>
            ))}
          </select>
        </Field>
      )}
      {!isRecording && polls ? (
        <Field id="intervalSeconds" label="Seconds between polls" error={errors.intervalSeconds?.message}>
          <input
            {...fieldProps('intervalSeconds', errors.intervalSeconds?.message)}
            {...register('intervalSeconds', { valueAsNumber: true })}
            type="number"
            min={1}
            max={3600}
          />
        </Field>
      ) : null}
    </div>
  );
}
