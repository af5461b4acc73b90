import { CommandRefused } from '../ipc/dispatcher';

export interface OutsideDeps {
  /** Asks a person, outside the window, whether this address may be opened. */
  readonly ask: (url: string) => Promise<boolean>;
  /** Opens it in the system's browser. */
  readonly open: (url: string) => Promise<void>;
}

/**
 * Opens addresses outside the application, after a question that shows the whole of what is opened: an address can carry
 * what the page knows, so that a page that was taken over must not open one by itself. One question at a time.
 */
export function createOutside({ ask, open }: OutsideDeps): (url: string) => Promise<void> {
  let asking = false;
  return async (address) => {
    // As it is written out by a parser: what is shown is what is opened.
    const { href, protocol, username, password } = new URL(address);
    if (protocol !== 'https:' || username !== '' || password !== '') {
      throw refused('Only a secure address without a user in it is opened.');
    }
    if (asking) throw refused('Another question is open: answer it first.');
    asking = true;
    try {
      if (!(await ask(href))) throw refused('The address was not opened.');
    } finally {
      asking = false;
    }
    await open(href);
  };
}

function refused(message: string): CommandRefused {
  return new CommandRefused({ kind: 'refused', message });
}
