/** What the person (or a test) asked for when starting. */
export interface LaunchOptions {
  /** The built-in gateway can be made to fail on purpose. */
  readonly demo: boolean;
  /** Folder for settings and journal instead of the system's place; null = that place. */
  readonly userData: string | null;
  /** Show no window before it is asked for (tests of hidden windows). */
  readonly hidden: boolean;
  /** Chromium's sandbox is off: only right as root on Linux. */
  readonly noSandbox: boolean;
  /** Address of the development server; null in a built application. */
  readonly devServer: string | null;
}

/** Reads switches and environment. Unknown switches belong to Chromium or Electron and are left alone. */
export function readLaunchOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  packaged: boolean,
): LaunchOptions {
  const devServer = packaged ? null : (env.ELECTRON_RENDERER_URL ?? null);
  return {
    demo: argv.includes('--demo'),
    userData: switchValue(argv, '--user-data-dir') ?? env.WIREWATCH_USER_DATA ?? null,
    hidden: argv.includes('--hidden'),
    noSandbox: argv.includes('--no-sandbox'),
    devServer,
  };
}

function switchValue(argv: readonly string[], name: string): string | null {
  for (const [index, argument] of argv.entries()) {
    if (argument.startsWith(`${name}=`)) return argument.slice(name.length + 1);
    if (argument === name) return argv[index + 1] ?? null;
  }
  return null;
}
