import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The built application, driven from outside. */
export interface Driven {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Process ids of main and of the page. */
  readonly pid: number;
  readonly pagePid: number;
  /** A command through the one bridge the page has; throws with what it was refused with. */
  call(name: string, args: unknown): Promise<unknown>;
}

/** Starts it on a folder of settings and journal. */
export async function drive(userData: string): Promise<Driven> {
  const executablePath = process.env.ELECTRON_EXEC_PATH;
  if (!executablePath) throw new Error('ELECTRON_EXEC_PATH is not set: npm run bench sets it.');
  const switches = (process.env.WIREWATCH_ELECTRON_ARGS ?? '').split(' ').filter(Boolean);
  const args = [...switches, root, `--user-data-dir=${userData}`];
  const app = await _electron.launch({ executablePath, args, cwd: root });
  const page = await app.firstWindow();
  await page.waitForFunction(() => 'wirewatch' in window);
  const pagePid = await app.evaluate(
    ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0,
  );
  return { app, page, pid: app.process().pid ?? 0, pagePid, call: (name, given) => call(page, name, given) };
}

function call(page: Page, name: string, args: unknown): Promise<unknown> {
  return page.evaluate(
    async ([command, given]) => {
      const { wirewatch } = window as unknown as {
        wirewatch: { call(name: unknown, args: unknown): Promise<{ readonly ok: boolean; readonly value?: unknown }> };
      };
      const answer = await wirewatch.call(command, given);
      if (!answer.ok) throw new Error(JSON.stringify(answer));
      return answer.value;
    },
    [name, args] as const,
  );
}
