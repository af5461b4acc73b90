import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { AlertRule } from '../../../shared/alert';
import { useWindow } from '../../store/services';
import { Button } from '../../ui/button';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import styles from './alerts.module.css';
import { RuleDialog } from './rule-dialog';
import { conditionSentence } from './rule-fields';
import { Severity } from './severity';
import { useRules } from './use-rules';

/** What is watched for. */
export function RuleList() {
  const { rules, save } = useRules();
  const [dialog, setDialog] = useState<AlertRule | 'new' | null>(null);
  const known = rules ?? [];
  const put = async (rule: AlertRule): Promise<void> => {
    const others = known.some(({ id }) => id === rule.id)
      ? known.map((each) => (each.id === rule.id ? rule : each))
      : [...known, rule];
    if (await save(others)) setDialog(null);
  };
  return (
    <Panel
      title="Rules"
      aside={
        <Button look="quiet" onClick={() => setDialog('new')} disabled={rules === null}>
          <Plus size={13} aria-hidden="true" />
          Add rule
        </Button>
      }
    >
      {rules !== null && rules.length === 0 ? (
        <p className={styles.empty}>
          No rule yet. A rule watches every source or one of them, and raises an alert when a source is down or stale,
          loses events, or says something you wait for.
        </p>
      ) : null}
      <ul className={styles.rules} aria-label="Rules">
        {known.map((rule) => (
          <li key={rule.id} className={styles.rule} data-off={!rule.enabled}>
            <input
              type="checkbox"
              checked={rule.enabled}
              aria-label={`Watch for ${visible(rule.name)}`}
              title={rule.enabled ? 'Watching' : 'Not watching'}
              onChange={() => void put({ ...rule, enabled: !rule.enabled })}
            />
            <div className={styles.what}>
              <p>
                <Severity severity={rule.severity} word={false} />
                <strong>{visible(rule.name)}</strong>
              </p>
              <p className={styles.text}>
                {rule.enabled ? null : 'off · '}
                <Where source={rule.source} />: {visible(conditionSentence(rule.condition))}
              </p>
            </div>
            <Button look="icon" aria-label={`Edit ${visible(rule.name)}`} onClick={() => setDialog(rule)}>
              <Pencil size={13} aria-hidden="true" />
            </Button>
            <Button
              look="icon"
              aria-label={`Remove ${visible(rule.name)}`}
              title="Remove; what it raised ends"
              onClick={() => void save(known.filter(({ id }) => id !== rule.id))}
            >
              <Trash2 size={13} aria-hidden="true" />
            </Button>
          </li>
        ))}
      </ul>
      {dialog === null ? null : (
        <RuleDialog
          {...(dialog === 'new' ? {} : { rule: dialog })}
          onSave={(rule) => void put(rule)}
          onClose={() => setDialog(null)}
        />
      )}
    </Panel>
  );
}

function Where({ source }: { readonly source: string | null }) {
  const name = useWindow((state) => (source === null ? 'any source' : state.sources.get(source)?.config.name));
  return name === undefined ? 'a source that was removed' : visible(name);
}
