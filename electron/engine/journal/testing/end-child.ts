import { openThread } from '../workers';

/**
 * Run as a process of its own: a thread of the journal is ended while it checks a large file. The process says so when
 * the thread is gone; one that is ended inside a statement takes the process with it.
 */
const [small = '', large = '', entry = ''] = process.argv.slice(-3);

const worker = openThread(entry);
let checks = 0;
worker.listen(
  () => {
    checks += 1;
    if (checks > 1) process.stdout.write('called back after the end\n');
    worker.post({ kind: 'check', folder: large }, []);
    setTimeout(() => {
      const gone = worker.terminate();
      void gone.then(() => process.stdout.write('gone\n'));
    }, 60);
  },
  () => process.stdout.write('told of its end\n'),
);
worker.post({ kind: 'check', folder: small }, []);
