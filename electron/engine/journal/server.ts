import { type Access, createAnswering } from './answering';
import type { Database } from './database';
import { sqlFailure } from './database';
import { checkFile } from './file-check';
import { createFileWatch, writeAnew } from './file-watch';
import { OrdinalsTaken } from './group-writer';
import type { FromWorker, Group, PauseCause, Retention, ToWorker } from './messages';
import { defaultRetention } from './messages';
import { createMourning } from './mourning';
import type { JournalDisk } from './open';
import { type Opening, openFile, pauseText, replaceFile } from './open';
import { RawBlocks } from './raw-blocks';
import { createReader } from './reader';
import { createStore, type Store } from './store';
import { openUnsettled } from './unsettled';
import { createUpkeep } from './upkeep';

export interface ServerDeps {
  readonly disk: JournalDisk;
  send(message: FromWorker, transfer: readonly ArrayBuffer[]): void;
  /** Runs work after what waits in the queue; null = at once, and no upkeep by itself (simulation). */
  readonly later: ((work: () => void, ms: number) => void) | null;
}

/** The worker's side: owns the database, takes one message at a time. */
export interface JournalServer {
  handle(message: ToWorker): void;
  /** One step of upkeep (packing, retention, removal); false when there is nothing to do. */
  upkeep(at: number): boolean;
}

/** Upkeep is not put off for longer than this by commits, ms. */
const upkeepEveryMs = 1_000;
/** Times a group is tried that fails for no reason we know, before it is given up. */
const mostTries = 5;

/** After opening nothing is tidied for so long, ms: a start needs every core, and the file has waited already. */
const quietMs = 3_000;

/** Idle before upkeep begins, and between its steps, ms. */
const idleMs = 5;
const stepPauseMs = 2;

export function createJournalServer({ disk, send, later }: ServerDeps): JournalServer {
  let folder = '';
  let retention: Retention = defaultRetention;
  let access: Access | null = null;
  /** There is no file to read, and that is known. */
  let none = false;
  const mourning = createMourning(disk);
  const file = createFileWatch(disk);
  /** The run is noted in the file. */
  let begun = false;
  let held: Group[] = [];
  let tries = 0;
  let lastUpkeep = 0;
  let idleRound = 0;
  let quietUntil = 0;
  let wallAt = 0;
  let wallSetAt = 0;

  const answering = createAnswering({
    now: disk.now,
    wall: () => wall(),
    later,
    send: tell,
    access: () => (mourning.due ? null : (access ?? (none ? 'none' : null))),
    failed: (error) => cannotRead(error),
    notWritten: (error) => failed(error, wall()),
  });

  /** Wall clock: the last one told, moved on by our own. */
  const wall = (): number => wallAt + (disk.now() - wallSetAt);
  function setWall(at: number): void {
    wallAt = at;
    wallSetAt = disk.now();
  }

  function tell(message: FromWorker): void {
    send(message, []);
  }

  function open(at: number, announce: boolean): void {
    close(null);
    take(openFile(disk, folder, at), at, announce, false);
  }

  /** False when it has told why nothing can be stored. */
  function take(opening: Opening, at: number, announce: boolean, sameRun: boolean): boolean {
    mourning.setAside(opening.setAside);
    none = opening.kind === 'barred' && opening.none;
    begun = sameRun;
    if (opening.kind === 'barred') {
      access = readable(opening.db);
      if (announce) tell({ kind: 'opened', unclean: false });
      tell({ kind: 'paused', cause: opening.cause, text: opening.text });
      return false;
    }
    const { db } = opening;
    file.opened(folder);
    if (announce) quietUntil = disk.now() + quietMs;
    const raw = new RawBlocks(db);
    const unsettled = openUnsettled(db);
    const store = createStore(db, raw, unsettled);
    const upkeep = createUpkeep(db, retention, raw, store.seriesGone);
    access = { db, reader: createReader(db, unsettled), writer: { store, upkeep } };
    let clean = true;
    let works = true;
    try {
      clean = begin(store, at);
    } catch (error) {
      // A new file that is damaged at once says more of the disk than of the file: it waits like any other trouble.
      works = opening.setAside.length > 0 ? pause(error) : failed(error, at);
    }
    if (announce) tell({ kind: 'opened', unclean: !clean });
    return works;
  }

  /** Tells what went with a damaged file, then notes the run: a file without a run shows that this may be due. */
  function begin(store: Store, at: number): boolean {
    const name = mourning.tell(store, folder, at);
    const text = `The journal was damaged. It was set aside as ${name} and a new one was begun.`;
    if (name !== null) tell({ kind: 'set-aside', at, text });
    if (begun) return true;
    const clean = store.beginRun(at);
    begun = true;
    return clean;
  }

  function readable(db: Database | null): Access | null {
    if (db === null) return null;
    try {
      return { db, reader: createReader(db), writer: null };
    } catch {
      // A newer schema may have other tables.
      db.close();
      return null;
    }
  }

  function noteRestore(source: string): void {
    try {
      mourning.asked(source, access?.writer?.store, wall());
    } catch (error) {
      failed(error, wall());
    }
  }

  function close(at: number | null): void {
    try {
      if (at !== null) access?.writer?.store.endRun(at);
      access?.db.close();
    } catch {
      // What is committed stays committed; the next start finds an unclean end and checks the file.
    }
    access = null;
  }

  /**
   * After a failed write: a damaged file is replaced at once, anything else waits for `retry`. True when there is a new
   * file to write to, false when it has told why nothing can be stored.
   */
  function failed(error: unknown, at: number): boolean {
    return sqlFailure(error) === 'damaged' ? replace(at) : pause(error);
  }

  function pause(error: unknown): false {
    const failure = sqlFailure(error);
    const cause: PauseCause = failure === 'busy' || failure === 'damaged' ? 'failed' : failure;
    tell({ kind: 'paused', cause, text: pauseText(cause, error, folder) });
    return false;
  }

  function cannotRead(error: unknown): void {
    if (mourning.due || (access === null && !none)) return; // Told when it could not be opened.
    if (sqlFailure(error) === 'damaged') replace(wall());
    else tell({ kind: 'paused', cause: 'unreadable', text: pauseText('unreadable', error, folder) });
  }

  /** As `failed`. */
  function replace(at: number): boolean {
    close(null);
    const works = take(replaceFile(disk, folder, at), at, false, false);
    // What is held moves places on from where the old file had them: its sources begin again from what is in the new one.
    giveUp();
    return works;
  }

  /** What was taken from under us is written anew, while all of it is still open. False when it has told why it cannot be. */
  function holdFile(at: number, now: boolean): boolean {
    const harm = access?.writer ? file.harm(now) : null;
    if (harm === null || access === null) return true;
    try {
      const text = writeAnew(disk, folder, access.db, harm, at);
      close(null);
      tell({ kind: 'set-aside', at, text, whole: true });
    } catch (error) {
      return failed(error, at);
    }
    return take(openFile(disk, folder, at), at, false, true);
  }

  /** Writes what is held, in order. True when nothing is left. */
  function drain(at: number): boolean {
    for (let group = held[0]; group; group = held[0]) {
      const store = access?.writer?.store;
      if (!store || mourning.due) return false;
      try {
        store.commit(group);
      } catch (error) {
        if (error instanceof OrdinalsTaken) {
          giveUp();
          return true;
        }
        if (failed(error, at)) return true;
        if (sqlFailure(error) === 'failed' && ++tries >= mostTries) doWithout(store, at);
        return false;
      }
      tries = 0;
      held.shift();
      tell({ kind: 'committed', group: group.number });
    }
    return true;
  }

  /** What fails again and again for no reason we know is a group, or what waits to be settled with it. */
  function doWithout(store: Store, at: number): void {
    try {
      store.settle(at, false);
    } catch (error) {
      if (sqlFailure(error) !== 'failed') return;
      store.letGo(at);
      tell({ kind: 'set-aside', at, text: 'What was stored last could not be put in its place, and was let go of.' });
    }
    giveUp();
  }

  /**
   * A group that cannot be written must not stop all that come: its sources fetch again what was in it. What is held
   * behind it goes too, since it carries their cursors on.
   */
  function giveUp(): void {
    tries = 0;
    const given = held;
    held = [];
    for (const { number } of given) tell({ kind: 'given-up', group: number });
  }

  /** Ends in `resumed` or `paused`, whatever is found meanwhile: nobody tries again before one of them. */
  function retry(at: number): void {
    if (!access?.writer) open(at, false);
    if (!access?.writer || !holdFile(at, true)) return;
    let works: boolean;
    try {
      if (!begun || mourning.due) begin(access.writer.store, at);
      // With nothing to write, a sign of life shows whether writing works again.
      if (held.length === 0) access.writer.store.alive(at);
      works = drain(at);
    } catch (error) {
      works = failed(error, at);
    }
    if (works) tell({ kind: 'resumed' });
  }

  function upkeep(at: number): boolean {
    // A search in progress has looked up blocks that packing would replace.
    if (!access?.writer || answering.busy || held.length > 0) return false;
    lastUpkeep = disk.now();
    try {
      return access.writer.store.settle(at, true) || access.writer.upkeep.step(at);
    } catch (error) {
      if (sqlFailure(error) === 'damaged') replace(at);
      return false;
    }
  }

  /** Upkeep runs when nothing has come for a moment, and in short steps under steady load. */
  function idle(): void {
    if (!later) return;
    const round = ++idleRound;
    const turn = (): void => {
      if (round !== idleRound) return;
      if (upkeep(wall())) later(turn, stepPauseMs);
    };
    later(turn, Math.max(idleMs, quietUntil - disk.now()));
  }

  return {
    handle(message) {
      switch (message.kind) {
        case 'open':
          folder = message.folder;
          retention = message.retention;
          setWall(message.at);
          open(message.at, true);
          break;
        case 'commit':
          setWall(message.group.at);
          held.push(message.group);
          if (held.length === 1 && holdFile(message.group.at, false)) drain(message.group.at);
          if (later && disk.now() > quietUntil && disk.now() - lastUpkeep > upkeepEveryMs) upkeep(message.group.at);
          break;
        case 'retry':
          setWall(message.at);
          retry(message.at);
          break;
        case 'alive':
          setWall(message.at);
          try {
            if (holdFile(message.at, true)) access?.writer?.store.alive(message.at);
          } catch (error) {
            failed(error, message.at);
          }
          break;
        case 'set-aside':
          replace(message.at);
          break;
        case 'check':
          tell({ kind: 'checked', ...checkFile(disk, message.folder) });
          return;
        case 'close':
          holdFile(message.at, true);
          drain(message.at);
          held = [];
          close(message.at);
          tell({ kind: 'closed' });
          return;
        case 'end':
          return;
        case 'query':
          if (message.query === 'restore') noteRestore(message.args.source);
          answering.ask(message);
          break;
        case 'order':
          answering.obey(message);
          break;
      }
      idle();
    },
    upkeep,
  };
}
