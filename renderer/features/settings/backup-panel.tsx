import { Download, Upload } from 'lucide-react';
import { useState } from 'react';
import type { BackupItem, BackupPreview } from '../../../shared/backup';
import { errorText, useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { grouped } from '../../ui/format/number';
import { fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import { Tag } from '../../ui/pill';
import styles from './settings-page.module.css';

/** Sources and rules to a file, and back. */
export function BackupPanel() {
  const { call } = useServices();
  const [preview, setPreview] = useState<BackupPreview | null>(null);
  const [said, setSaid] = useState(
    'Sources and alert rules in one file. Secrets are never in it, nor are stored events.',
  );
  const write = async (): Promise<void> => {
    const file = await call('backup.export', {});
    if (file !== null) setSaid(`Written: ${file}.`);
  };
  const imported = (count: number): void => {
    setPreview(null);
    setSaid(`Imported: ${grouped(count)} sources and rules.`);
  };
  return (
    <Panel title="Backup">
      <p className={styles.text} aria-live="polite">
        {visible(said)}
      </p>
      <p className={styles.actions}>
        <Button onClick={() => void write()}>
          <Download size={13} aria-hidden="true" />
          Export…
        </Button>
        <Button onClick={() => void call('backup.preview', {}).then(setPreview)}>
          <Upload size={13} aria-hidden="true" />
          Import…
        </Button>
      </p>
      {preview === null ? null : (
        <PreviewDialog preview={preview} onImported={imported} onClose={() => setPreview(null)} />
      )}
    </Panel>
  );
}

const changeTexts: Readonly<Record<BackupItem['change'], string>> = {
  added: 'added',
  replaced: 'replaced',
  unchanged: 'as it is',
};

interface PreviewProps {
  readonly preview: BackupPreview;
  readonly onImported: (count: number) => void;
  readonly onClose: () => void;
}

/** What importing would change, before anything is. */
function PreviewDialog({ preview, onImported, onClose }: PreviewProps) {
  const { bridge, notify } = useServices();
  const { token, file, madeAt, items, unknown, problems } = preview;
  const apply = async (): Promise<void> => {
    if (token === null) return;
    const answer = await bridge.call('backup.apply', { token });
    if (answer.ok) return onImported(items.length);
    notify(errorText(answer.error));
    onClose();
  };
  const made = madeAt === null ? '' : `, made ${fullTime(madeAt)}`;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Import ${visible(file)}`}
      description={
        problems.length > 0
          ? 'Nothing of it can be imported until this is put right.'
          : `${grouped(items.length)} sources and rules${made}. What is not in it stays as it is.`
      }
    >
      {problems.length > 0 ? (
        <ul className={styles.preview} aria-label="Problems">
          {problems.slice(0, 50).map(({ field, message, fix }) => (
            <li key={`${field} ${message}`} data-bad="true">
              <code>{visible(field)}</code> {visible(`${message} ${fix}`.trim())}
            </li>
          ))}
        </ul>
      ) : (
        <ul className={styles.preview} aria-label="Changes">
          {items.map(({ what, name, change, differs, secretsMissing, dials }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a preview does not change
            <li key={at}>
              <Tag>{what}</Tag> <strong>{visible(name)}</strong> {changeTexts[change]}
              {differs.length > 0 ? `: ${visible(differs.join(', '))}` : ''}
              {dials.length > 0 ? ` · connects to ${visible(dials.join(', '))}` : ''}
              {secretsMissing ? ' · its secrets are to be entered in its form' : ''}
            </li>
          ))}
        </ul>
      )}
      {unknown.length > 0 ? (
        <p className={styles.text}>
          Not known to this version, and left out: {visible(unknown.slice(0, 20).join(', '))}
        </p>
      ) : null}
      <DialogActions>
        <Button onClick={onClose}>{token === null ? 'Close' : 'Cancel'}</Button>
        {token === null ? null : (
          <Button look="primary" onClick={() => void apply()}>
            Import
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
