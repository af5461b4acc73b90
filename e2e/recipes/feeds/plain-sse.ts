import {
  held,
  inTurn,
  livesWithoutNews,
  lost,
  same,
  serve,
  stream,
  type Trials,
  tellsOfError,
  until,
  watchBy,
} from '../kit';

const sse = 'text/event-stream';

/** Server-sent events as the HTML standard has them: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const plainSse: Trials = {
  recipe: 'plain-sse',
  cases: {
    async heartbeat() {
      const feed = await serve((_request, response) =>
        stream(response, sse, ': still here\n\n', 'event: ping\ndata: {}\n\n'),
      );
      await livesWithoutNews(await watchBy('plain-sse', 'sse', `http://${feed.host}/`));
    },
    async 'planned end'() {
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, sse, 'retry: 100\nid: 1\ndata: {"n":1}\n\n', 'data: [DONE]\n\n');
            response.end();
          },
          (_request, response) => stream(response, sse, 'id: 2\ndata: {"n":2}\n\n'),
        ),
      );
      const watched = await watchBy('plain-sse', 'sse', `http://${feed.host}/`);
      await until('news of the second answer', () => watched.bodies().length === 2);
      same('bodies', watched.bodies(), ['{"n":1}', '{"n":2}']);
      same('gaps', lost(watched), []);
    },
    async error() {
      const cut = held();
      const feed = await serve((_request, response) => {
        stream(response, sse, 'event: error\ndata: {"message":"no such topic"}\n\n');
        cut.on(() => response.write('id: 1\ndata: {"n":1}\n\n'));
      });
      const watched = await watchBy('plain-sse', 'sse', `http://${feed.host}/`);
      await tellsOfError(watched, 'no such topic', cut.now);
      same('bodies', watched.bodies(), ['{"n":1}']);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, sse, 'id: 1\ndata: {"n":1}\n\n', 'id: 2\ndata: {"n":2}\n\n', 'id: 3\ndata: {"n"');
            cut.on(() => response.destroy());
          },
          (request, response) => {
            const after = Number(request.headers['last-event-id'] ?? 0);
            for (let n = after + 1; n <= 4; n += 1) {
              if (n === after + 1) stream(response, sse);
              response.write(`id: ${n}\ndata: {"n":${n}}\n\n`);
            }
          },
        ),
      );
      const watched = await watchBy('plain-sse', 'sse', `http://${feed.host}/`);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('all four', () => watched.bodies().length === 4);
      same('bodies', watched.bodies(), ['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}']);
      same(
        'asked from',
        feed.asked.map(({ headers }) => headers['last-event-id'] ?? null),
        [null, '2'],
      );
      same('gaps', lost(watched), []);
    },
  },
};
