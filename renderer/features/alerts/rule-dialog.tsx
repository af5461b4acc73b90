import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useShallow } from 'zustand/react/shallow';
import type { AlertRule } from '../../../shared/alert';
import { alertSeverities } from '../../../shared/alert-severity';
import { useServices, useWindow } from '../../store/services';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { Field, fieldProps } from '../../ui/field';
import { visible } from '../../ui/format/visible';
import styles from './alerts.module.css';
import {
  conditionKinds,
  conditionTexts,
  emptyRule,
  fieldsOfRule,
  type RuleFields,
  ruleOf,
  severityTexts,
} from './rule-fields';

interface RuleDialogProps {
  /** The rule to edit; none to add one. */
  readonly rule?: AlertRule;
  readonly onSave: (rule: AlertRule) => void;
  readonly onClose: () => void;
}

/** Adds or edits a rule. Only the fields of the chosen condition are there. */
export function RuleDialog({ rule, onSave, onClose }: RuleDialogProps) {
  const sources = useWindow(
    useShallow((state) => [...state.sources.values()].flatMap(({ id, config }) => [id, config.name])),
  );
  const form = useForm<RuleFields>({ defaultValues: rule === undefined ? emptyRule : fieldsOfRule(rule) });
  const { register, handleSubmit, setError, watch, formState } = form;
  const [kind, source, is] = watch(['kind', 'source', 'is']);
  const names = useSeries(source);
  const submit = handleSubmit((fields) => {
    const made = ruleOf(fields, rule?.id ?? crypto.randomUUID().slice(0, 13), rule?.enabled ?? true);
    if ('rule' in made) return onSave(made.rule);
    for (const [at, [field, message]] of Object.entries(made.errors).entries()) {
      setError(field as keyof RuleFields, { message }, { shouldFocus: at === 0 });
    }
  });
  const input = (name: keyof RuleFields, label: string, hint: string, placeholder = '', list?: string) => {
    const error = formState.errors[name]?.message;
    return (
      <Field id={name} label={label} error={error} hint={hint}>
        <input
          {...fieldProps(name, error)}
          {...register(name)}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          {...(list === undefined ? {} : { list })}
        />
      </Field>
    );
  };
  return (
    <Dialog open onClose={onClose} title={rule === undefined ? 'Add rule' : `Edit ${visible(rule.name)}`}>
      <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
        {input('name', 'Name', '', 'As it shall be called when it is raised')}
        <div className={styles.pair}>
          <Field id="source" label="Source" error={formState.errors.source?.message}>
            <select {...fieldProps('source', undefined)} {...register('source')}>
              <option value="">Any source</option>
              {sources.map((id, at) =>
                at % 2 === 0 ? (
                  <option key={id} value={id}>
                    {visible(sources[at + 1] ?? id)}
                  </option>
                ) : null,
              )}
            </select>
          </Field>
          <Field id="severity" label="Severity" error={undefined}>
            <select {...fieldProps('severity', undefined)} {...register('severity')}>
              {alertSeverities.map((severity) => (
                <option key={severity} value={severity}>
                  {severityTexts[severity]}
                </option>
              ))}
            </select>
          </Field>
        </div>
        <Field id="kind" label="Raise it when" error={undefined}>
          <select {...fieldProps('kind', undefined)} {...register('kind')}>
            {conditionKinds.map((each) => (
              <option key={each} value={each}>
                {conditionTexts[each]}
              </option>
            ))}
          </select>
        </Field>
        {kind === 'down'
          ? input('seconds', 'For so many seconds', 'Sleep and lost network of this machine, and pauses, do not count.')
          : null}
        {kind === 'gap' ? (
          <Field id="lost" label="Counts as lost" error={undefined}>
            <select {...fieldProps('lost', undefined)} {...register('lost')}>
              <option value="known">What is known to be lost</option>
              <option value="unproven">Also what may be: cut, and nothing shows that all came</option>
            </select>
          </Field>
        ) : null}
        {kind === 'metric' ? (
          <>
            {input('series', 'Number', 'Of the events: value:type.path', 'value:cpu.percent', 'alert-series')}
            <datalist id="alert-series">
              {names.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
            <div className={styles.pair}>
              <Field id="is" label="Is" error={undefined}>
                <select {...fieldProps('is', undefined)} {...register('is')}>
                  <option value="above">above</option>
                  <option value="below">below</option>
                </select>
              </Field>
              {input('threshold', 'Threshold', '')}
            </div>
            <div className={styles.pair}>
              {input('seconds', 'For so many seconds', 'Reckoned on the events.')}
              {input('clear', 'Ends at', `The threshold, or ${is === 'above' ? 'less' : 'more'}.`, 'the threshold')}
            </div>
          </>
        ) : null}
        {kind === 'match' ? (
          <>
            {input('search', 'Search', 'As over the event list: words, "a phrase", type:order, field=value.')}
            {input('quietSeconds', 'Ends when none came for so many seconds', '')}
          </>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            {rule === undefined ? 'Add' : 'Save'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Numbers in a source's events, or in all sources' where none is chosen. */
function useSeries(source: string): readonly string[] {
  const { call, store } = useServices();
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    let ended = false;
    const ids = source === '' ? [...store.getState().sources.keys()].slice(0, 20) : [source];
    void Promise.all(ids.map((id) => call('history.names', { source: id }))).then((lists) => {
      if (ended) return;
      const found = lists.flatMap((list) => list ?? []).filter((name) => name.startsWith('value:'));
      setNames([...new Set(found)].sort());
    });
    return () => {
      ended = true;
    };
  }, [call, store, source]);
  return names;
}
