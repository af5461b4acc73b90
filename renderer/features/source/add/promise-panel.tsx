import type { FoundReading } from '../../../../shared/probe';
import { visible } from '../../../ui/format/visible';
import { Panel } from '../../../ui/panel';
import styles from './add.module.css';

interface WantsPanelProps {
  readonly wants: FoundReading['wants'];
  /** Leads to where a credential is entered. */
  readonly onCredential: () => void;
}

/** What a person has to do before a feed is of use; nothing where that is nothing. */
export function WantsPanel({ wants, onCredential }: WantsPanelProps) {
  if (wants.length === 0) return null;
  return (
    <Panel title="Still wanted from you">
      <ul className={styles.wants}>
        {wants.map((want) => (
          <li key={want}>
            {visible(want)}
            {/credential|token|login|log in|password|401|403/i.test(want) ? (
              <>
                {' '}
                <button type="button" className={styles.link} onClick={onCredential}>
                  Enter a credential
                </button>
              </>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What holds for the source once it is added. */
export function PromisePanel({ promise }: Pick<FoundReading, 'promise'>) {
  return (
    <Panel title="What you are promised">
      <p className={styles.promise}>{visible(promise)}</p>
    </Panel>
  );
}
