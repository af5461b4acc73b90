import { expect, type Locator, type Page } from '@playwright/test';

/** What a person can do in the window, by role and name. */
export interface WirewatchWindow {
  readonly page: Page;
  readonly overview: Overview;
  readonly source: SourcePage;
  readonly form: SourceForm;
  readonly faults: FaultPanel;
  /** Goes to a source's page through the sidebar. */
  open(source: string): Promise<void>;
  /** Dismisses what is said of a runtime that stands in for another, where it is said. */
  readRuntimeWord(): Promise<void>;
  openOverview(): Promise<void>;
  addSource(): Promise<void>;
}

interface Overview {
  /** Card of a source, with its state in words when given: `This machine`, `Live`. */
  card(source: string, state?: string): Locator;
  link(source: string): Locator;
}

interface SourcePage {
  readonly title: Locator;
  /** The one word for its state. */
  readonly state: Locator;
  /** Why it is so. */
  readonly why: Locator;
  /** What to click to see what proves it. */
  readonly evidence: Locator;
  /** The rungs, best first. */
  readonly rungs: Locator;
  rung(transport: string): Locator;
  tab(name: 'Health' | 'Metrics' | 'Events' | 'State' | 'Timeline' | 'Frames'): Promise<void>;
  readonly charts: Locator;
  chart(title: string | RegExp): Locator;
  readonly transitions: Locator;
  button(name: string): Locator;
}

interface SourceForm {
  readonly dialog: Locator;
  readonly address: Locator;
  readonly name: Locator;
  /** What is wrong, field by field. */
  readonly errors: Locator;
  /** What a look at the address came to. */
  readonly found: Locator;
  /** A value of the sample that came: `data.p`. */
  value(path: string): Locator;
  /** Pastes into the field of the address, as from the clipboard: it is looked at. */
  paste(text: string): Promise<void>;
  /** Says what a value of the sample is: `a number`. */
  say(path: string, what: string): Promise<void>;
  add(address: string, name: string): Promise<void>;
  /** Adds the recording that main's dialog is about to answer with. */
  addRecording(name: string): Promise<void>;
}

interface FaultPanel {
  open(): Promise<void>;
  close(): Promise<void>;
  turn(fault: string, on: boolean): Promise<void>;
  act(action: string): Promise<void>;
}

/** Page objects over one window. */
export function windowOf(page: Page): WirewatchWindow {
  const sidebar = page.getByRole('navigation', { name: 'Main' });
  const panel = page.getByRole('complementary', { name: 'Demo faults' });
  const dialog = page.getByRole('dialog');
  const figures = page.getByRole('figure');
  const rungs = page.getByRole('list', { name: 'Rungs, best first' }).getByRole('listitem');

  return {
    page,
    overview: {
      card: (source, state = '') => page.getByRole('article', { name: `${source}: ${state}` }),
      link: (source) => sidebar.getByRole('link', { name: linkOf(source) }),
    },
    source: {
      title: page.getByRole('heading', { level: 1 }),
      state: page.getByRole('status', { name: 'State' }),
      why: page.getByRole('region', { name: 'State' }),
      evidence: page.getByRole('region', { name: 'State' }).getByText(/^Evidence \(\d+\)$/),
      rungs,
      rung: (transport) => rungs.filter({ has: page.getByText(transport, { exact: true }) }),
      async tab(name) {
        await page.getByRole('tab', { name }).click();
      },
      charts: figures,
      chart: (title) => page.getByRole('figure', { name: title }),
      transitions: page.getByRole('region', { name: 'Transitions' }).getByRole('listitem'),
      button: (name) => page.getByRole('button', { name, exact: true }),
    },
    form: {
      dialog,
      address: dialog.getByRole('textbox', { name: 'Address' }),
      name: dialog.getByRole('textbox', { name: 'Name' }),
      errors: dialog.getByRole('alert'),
      found: dialog.getByRole('region', { name: 'What was found' }),
      value: (path) => dialog.getByRole('button', { name: new RegExp(`^${path.replaceAll(/[^\w ]/g, '\\$&')}:`) }),
      async paste(text) {
        await dialog.getByRole('textbox', { name: 'Address' }).evaluate((field, pasted) => {
          const data = new DataTransfer();
          data.setData('text/plain', pasted);
          (field as HTMLTextAreaElement).focus();
          field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }, text);
      },
      async say(path, what) {
        await dialog.getByRole('button', { name: new RegExp(`^${path.replaceAll(/[^\w ]/g, '\\$&')}:`) }).click();
        await page.getByRole('menuitemradio', { name: new RegExp(`^${what}`) }).click();
      },
      async add(address, name) {
        await dialog.getByRole('textbox', { name: 'Address' }).fill(address);
        await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
        await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      },
      async addRecording(name) {
        await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
        await dialog.getByRole('button', { name: 'Or open a recording…' }).click();
        await expect(dialog.getByRole('textbox', { name: 'Address' })).toHaveValue(/^file:/);
        await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      },
    },
    faults: {
      async open() {
        await sidebar.getByRole('button', { name: 'Demo faults' }).click();
        await panel.waitFor();
      },
      async close() {
        await panel.getByRole('button', { name: 'Close demo faults' }).click();
      },
      async turn(fault, on) {
        const box = panel.getByRole('switch', { name: fault });
        if ((await box.isChecked()) !== on) await box.click();
      },
      async act(action) {
        await panel.getByRole('button', { name: action }).click();
      },
    },
    async open(source) {
      await sidebar.getByRole('link', { name: linkOf(source) }).click();
      await page.getByRole('heading', { level: 1, name: source }).waitFor();
    },
    async readRuntimeWord() {
      const word = page.getByRole('status').filter({ hasText: 'no longer mended' });
      if (await word.isVisible()) await word.getByRole('button', { name: 'Dismiss' }).click();
    },
    async openOverview() {
      await sidebar.getByRole('link', { name: 'Overview' }).click();
    },
    async addSource() {
      await page.getByRole('banner').getByRole('button', { name: 'Add source' }).click();
      await dialog.waitFor();
    },
  };
}

/** A source's link is named as it reads: its name, the tag of its transport, then its state. */
function linkOf(source: string): RegExp {
  return new RegExp(`^${source.replaceAll(/[^\w ]/g, '\\$&')}( (WS|SSE|LP|Poll))?:`);
}
