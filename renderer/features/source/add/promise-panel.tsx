import type { FoundReading } from '../../../../shared/probe';
import { visible } from '../../../ui/format/visible';
import { Panel } from '../../../ui/panel';
import styles from './add.module.css';

interface PromisePanelProps {
  readonly reading: Pick<FoundReading, 'promise' | 'wants'>;
  /** Leads to where a credential is entered. */
  readonly onCredential: () => void;
}

/** What holds for the source once it is added, and what a person has to do before it is of use. */
export function PromisePanel({ reading: { promise, wants }, onCredential }: PromisePanelProps) {
  return (
    <>
      {wants.length === 0 ? null : (
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
      )}
      <Panel title="What you are promised">
        <p className={styles.promise}>{visible(promise)}</p>
      </Panel>
    </>
  );
}
