import { spawn } from 'node:child_process';

/** Most a command may print, bytes. */
const maxBytes = 64 * 1024;

/**
 * Runs a command in the system's shell and resolves with what it printed. What it writes to stderr is not read: it may
 * hold anything. Rejects with a sentence when it fails or prints too much; when aborted, it is ended with all it started.
 */
export function runCommand(command: string, signal: AbortSignal): Promise<string> {
  return new Promise((fulfil, reject) => {
    const windows = process.platform === 'win32';
    const child = spawn(command, {
      shell: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
      // A group of its own, so that what the shell starts ends with it.
      detached: !windows,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;

    function end(): void {
      if (child.pid === undefined || child.exitCode !== null) return;
      try {
        if (windows) child.kill();
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    }

    function abort(): void {
      end();
      reject(new Error('the token command was not waited for any longer'));
    }

    signal.addEventListener('abort', abort);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else {
        end();
        reject(new Error('the token command printed more than a token'));
      }
    });
    child.on('error', () => reject(new Error('the token command could not be started')));
    child.on('close', (code, ended) => {
      signal.removeEventListener('abort', abort);
      if (code === 0) fulfil(Buffer.concat(chunks).toString('utf8'));
      else reject(new Error(`the token command failed (${ended ?? `exit code ${code}`})`));
    });
    if (signal.aborted) abort();
  });
}
