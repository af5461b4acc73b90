import { X } from 'lucide-react';
import { useEffect } from 'react';
import { type FaultChange, type FaultSettings, type FaultState, faultActions, noFaults } from '../../../shared/faults';
import { useServices, useWindow } from '../../store/services';
import { Button } from '../../ui/button';
import styles from './fault-panel.module.css';

const settingTexts: Readonly<Record<keyof FaultSettings, { readonly name: string; readonly what: string }>> = {
  blockWebSocket: { name: 'Block WebSocket', what: 'Upgrades are answered 403, as some proxies do.' },
  bufferSse: { name: 'Buffer SSE', what: 'Events come in bursts of 4 KB.' },
  refuseSse: { name: 'Refuse SSE', what: 'The stream is answered 403.' },
  cutLongPoll: { name: 'Cut long-poll holds', what: 'Held requests are cut before they answer.' },
  stall: { name: 'Stall', what: 'Connections stay open and nothing is sent.' },
  repeat: { name: 'Repeat', what: 'Each event goes out twice.' },
  reorder: { name: 'Reorder', what: 'Neighbouring events change places.' },
  lose: { name: 'Lose', what: 'One event in ten is not sent.' },
};

const actionTexts: Readonly<Record<(typeof faultActions)[number], string>> = {
  'drop-connections': 'Drop the connections',
  'restart-new-epoch': 'Restart with a new epoch',
  kill: 'Kill the gateway',
  start: 'Start the gateway',
};

const settingNames = Object.keys(settingTexts) as readonly (keyof FaultSettings)[];

/** Lets the built-in gateway misbehave, to see what Wirewatch makes of it. Demo mode only. */
export function FaultPanel({ onClose }: { readonly onClose: () => void }) {
  const { call, store } = useServices();
  const faults = useWindow((state) => state.faults);
  const settings = faults?.settings ?? noFaults;
  const running = faults?.running ?? true;
  const take = (answer: FaultState | null): void => {
    if (answer !== null) store.setState({ faults: answer });
  };
  const change = (args: FaultChange): void => void call('faults.change', args).then(take);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once when it opens
  useEffect(() => void call('faults.read', {}).then(take), []);
  return (
    <aside className={styles.panel} aria-label="Demo faults">
      <header className={styles.head}>
        <h2>Demo faults</h2>
        <Button look="icon" aria-label="Close demo faults" onClick={onClose}>
          <X size={14} aria-hidden="true" />
        </Button>
      </header>
      <p className={styles.note}>
        They change the built-in gateway only. It {running ? 'is running' : 'does not run'}.
      </p>
      <ul>
        {settingNames.map((name) => (
          <li key={name}>
            <label className={styles.setting}>
              <input
                type="checkbox"
                role="switch"
                checked={settings[name]}
                aria-checked={settings[name]}
                onChange={(event) => change({ settings: { [name]: event.target.checked } })}
              />
              <span>
                <strong>{settingTexts[name].name}</strong>
                {settingTexts[name].what}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <div className={styles.actions}>
        {faultActions.map((action) => (
          <Button key={action} disabled={action === 'start' ? running : !running} onClick={() => change({ action })}>
            {actionTexts[action]}
          </Button>
        ))}
      </div>
    </aside>
  );
}
