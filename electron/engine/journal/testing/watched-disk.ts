import type { JournalDisk } from '../open';

/** A disk whose statements are looked at before each is carried out: count them, or throw in their place. */
export function watchedDisk(real: JournalDisk, look: (sql: string, how: 'run' | 'get' | 'all') => void): JournalDisk {
  return {
    ...real,
    open(path, options) {
      const db = real.open(path, options);
      return {
        exec: (sql) => db.exec(sql),
        close: () => db.close(),
        prepare(sql) {
          const statement = db.prepare(sql);
          return {
            run(...values) {
              look(sql, 'run');
              return statement.run(...values);
            },
            get(...values) {
              look(sql, 'get');
              return statement.get(...values);
            },
            all(...values) {
              look(sql, 'all');
              return statement.all(...values);
            },
          };
        },
      };
    },
  };
}

/** What SQLite throws with a result code. */
export function sqlError(message: string, errcode: number): Error {
  return Object.assign(new Error(message), { errcode });
}
