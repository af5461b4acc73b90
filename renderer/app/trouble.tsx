import { Button } from '../ui/button';
import { visible } from '../ui/format/visible';
import styles from './banner.module.css';

/** The window has no way to the main process: said plainly, since nothing else here could be true. */
export function Trouble({ message }: { readonly message: string }) {
  return (
    <main className={styles.trouble} role="alert">
      <h1>This window cannot reach Wirewatch</h1>
      <p>The connections themselves are kept by another process and are not affected.</p>
      <p>
        <code>{visible(message)}</code>
      </p>
      <p>
        <Button look="primary" onClick={() => window.location.reload()}>
          Reload the window
        </Button>
      </p>
    </main>
  );
}
