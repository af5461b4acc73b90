import { basename } from 'node:path';
import { escapedJson, visible } from '../../shared/visible';
import { formatLine, type RecordedLine, RecordingError, type RecordingHeader } from '../engine/recording/format';
import { createPlayer, type Player, speeds } from '../engine/recording/player';
import { createSystemClock } from '../node/clock';
import { readRecording, readRecordingHeader } from '../node/recording-reading';
import type { ReplayOptions } from './replay-options';

/** Exit codes: 0 played to its end or ended by the person, 1 it cannot be read, 2 it was cut off. */
type ExitCode = 0 | 1 | 2;

/** How far ← and PageDown go, ms. */
const leapMs = 10_000;

export interface ReplayTerminal {
  write(line: string): void;
  say(line: string): void;
  /** Calls back with each key (its raw bytes as text); null where there is no terminal. */
  readonly keys: ((listener: (key: string) => void) => void) | null;
  readonly stop: AbortSignal;
}

/** Plays a recording to a terminal or a pipe. */
export async function replay(options: ReplayOptions, terminal: ReplayTerminal): Promise<ExitCode> {
  let header: RecordingHeader;
  try {
    header = await readRecordingHeader(options.file);
  } catch (error) {
    terminal.say(messageOf(options.file, error));
    return 1;
  }
  const { source, at } = header;
  if (options.json) terminal.write(escapedJson(formatLine(header)));
  else terminal.say(`${visible(source.name)}, recorded ${new Date(at).toISOString()} over ${visible(source.protocol)}`);
  let events = 0;

  return new Promise((resolve) => {
    const leave = (code: ExitCode) => {
      const position = player.position();
      player.close();
      if (options.json)
        terminal.write(escapedJson(JSON.stringify({ kind: 'end', at: position, events, whole: code === 0 })));
      else terminal.say(`ended: ${events} events${code === 2 ? '; the recording was cut off here' : ''}`);
      resolve(code);
    };
    const player: Player = createPlayer(
      { clock: createSystemClock(), open: () => readRecording(options.file), speed: options.speed },
      {
        onLines(lines) {
          for (const line of lines) {
            if (line.kind === 'event') events += 1;
            terminal.write(options.json ? escapedJson(formatLine(line)) : humanLine(line));
          }
        },
        onSeek: (to) => terminal.say(`— from ${new Date(to).toISOString()} —`),
        onEnd: (whole) => leave(whole ? 0 : 2),
        onError(error) {
          terminal.say(messageOf(options.file, error));
          leave(1);
        },
      },
    );
    terminal.stop.addEventListener('abort', () => leave(0));
    terminal.keys?.((key) => obey(player, key, () => leave(0), terminal.say));
    if (options.seek) player.seek(options.seek.kind === 'time' ? options.seek.at : at + options.seek.in * 1000);
    if (!options.paused) player.play();
  });
}

function obey(player: Player, key: string, quit: () => void, say: (line: string) => void): void {
  const position = player.position() ?? 0;
  switch (key) {
    case ' ':
      if (player.state() === 'playing') player.pause();
      else player.play();
      return;
    case 's':
    case '\u001b[C':
      player.step();
      return;
    case '\u001b[D':
      player.seek(position - leapMs);
      return;
    case '\u001b[6~':
      player.seek(position + leapMs);
      return;
    case '+':
    case '-':
      player.setSpeed(Math.min(speeds.max, Math.max(speeds.min, player.speed() * (key === '+' ? 2 : 0.5))));
      say(`${player.speed()} ×`);
      return;
    case 'q':
    case '\u0003':
      quit();
  }
}

/** For people; nothing in it is obeyed by a terminal. */
export function humanLine(line: RecordedLine): string {
  const time = new Date(line.at).toISOString().slice(11, 23);
  switch (line.kind) {
    case 'event': {
      const body = line.body ?? `<base64 ${line.base64}>`;
      const shown = body.length > 200 ? `${body.slice(0, 200)}…` : body;
      const seq = line.seq === null ? '' : ` ${line.seq}`;
      return visible(`${time} ${seq} ${line.type}${line.late ? ' (late)' : ''}  ${shown}`);
    }
    case 'gap':
      return visible(`${time}  gap ${line.status}: ${line.from}–${line.to ?? '?'} of ${line.stream} (${line.cause})`);
    case 'state':
      return visible(`${time}  ${line.to}  ${line.text}`);
    case 'end':
      return visible(`${time}  end`);
  }
}

function messageOf(file: string, error: unknown): string {
  if (error instanceof RecordingError) return visible(`${basename(file)}: ${error.message}`);
  return visible(error instanceof Error ? error.message : String(error));
}
