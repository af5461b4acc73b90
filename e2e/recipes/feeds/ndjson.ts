import { held, inTurn, live, lost, same, serve, stream, type Trials, tellsOfError, until, watchBy } from '../kit';

const type = 'application/x-ndjson';

/** One JSON text a line in an answer that does not end: https://github.com/ndjson/ndjson-spec */
export const ndjson: Trials = {
  recipe: 'ndjson',
  cases: {
    async heartbeat() {
      const feed = await serve((_request, response) => {
        stream(response, type, '{"n":1}\n');
        // A blank line says nothing but: still here.
        const beat = setInterval(() => response.write('\n'), 100);
        response.on('close', () => clearInterval(beat));
      });
      const watched = await watchBy('ndjson', 'poll', `http://${feed.host}/`);
      await until('the first line', () => watched.bodies().length === 1);
      const heard = watched.view()?.lastByteAt ?? 0;
      await until('bytes that are no news', () => (watched.view()?.lastByteAt ?? 0) > heard && live(watched));
      same('bodies', watched.bodies(), ['{"n":1}']);
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, type, '{"n":1}\n{"n":2}');
            cut.on(() => response.end());
          },
          (_request, response) => stream(response, type, '{"n":3}\n'),
        ),
      );
      const watched = await watchBy('ndjson', 'poll', `http://${feed.host}/`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second answer', () => watched.bodies().length === 3);
      same('bodies', watched.bodies(), ['{"n":1}', '{"n":2}', '{"n":3}']);
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      const cut = held();
      const feed = await serve((_request, response) => {
        stream(response, type, '{"error":"no such log"}\n');
        cut.on(() => response.write('{"n":1}\n'));
      });
      const watched = await watchBy('ndjson', 'poll', `http://${feed.host}/`);
      await tellsOfError(watched, 'no such log', cut.now);
      same('bodies', watched.bodies(), ['{"n":1}']);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, type, '{"n":1}\n{"n":');
            cut.on(() => response.destroy());
          },
          (_request, response) => stream(response, type, '{"n":2}\n'),
        ),
      );
      const watched = await watchBy('ndjson', 'poll', `http://${feed.host}/`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second answer', () => watched.bodies().length === 2);
      // Half a line is no event, and what the cut cost is a gap.
      same('bodies', watched.bodies(), ['{"n":1}', '{"n":2}']);
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
};
