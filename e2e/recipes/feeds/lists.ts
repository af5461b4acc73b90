import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, inTurn, live, lost, pause, same, serve, type Trials, until, watchBy } from '../kit';

/** Answers a list under its `ETag`, or that nothing has changed (RFC 9110, 13.1.2). */
function tagged(list: unknown) {
  const text = JSON.stringify(list);
  const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`;
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else answer(response, list, { etag });
  };
}

const run = (id: number, state: string) => ({ id, state });

/** A list that is polled, as the runs of a CI: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
export const listPollEtag: Trials = {
  recipe: 'list-poll-etag',
  cases: {
    async heartbeat() {
      const feed = await serve(tagged([run(1, 'running')]));
      const watched = await watchBy('list-poll-etag', 'poll', `http://${feed.host}/`);
      await until('an answer that brings nothing', () => feed.asked.length > 2 && live(watched));
      same('bodies', watched.bodies(), ['{"id":1,"state":"running"}']);
      same('asked with', feed.asked[1]?.headers['if-none-match'] !== undefined, true);
    },
    async 'planned end'() {
      // A list that is empty for a while is no end of anything.
      const feed = await serve(
        inTurn(tagged([run(1, 'running')]), tagged([]), tagged([run(1, 'running'), run(2, 'queued')])),
      );
      const watched = await watchBy('list-poll-etag', 'poll', `http://${feed.host}/`);
      await until('the second run', () => watched.bodies().length === 2);
      same('bodies', watched.bodies(), ['{"id":1,"state":"running"}', '{"id":2,"state":"queued"}']);
      same('gaps', lost(watched), []);
    },
    async error() {
      const feed = await serve(
        inTurn(
          tagged([run(1, 'running')]),
          (_request, response) => void response.writeHead(503, { 'retry-after': '1' }).end(),
          tagged([run(1, 'done')]),
        ),
      );
      const watched = await watchBy('list-poll-etag', 'poll', `http://${feed.host}/`);
      await until('the change behind the error', () => watched.bodies().length === 2);
      same(
        'types',
        watched.events.map(({ type }) => type),
        ['message', 'changed'],
      );
      same('waited', watched.states.includes('waiting'), true);
      same('gaps', lost(watched), []);
    },
    async resume() {
      const feed = await serve(
        inTurn(
          tagged([run(1, 'running'), run(2, 'queued')]),
          (_request, response) => void response.destroy(),
          tagged([run(2, 'running'), run(3, 'queued')]),
        ),
      );
      const watched = await watchBy('list-poll-etag', 'poll', `http://${feed.host}/`);
      await until('what is new', () => watched.bodies().length === 4);
      await pause(1_200);
      same('bodies', watched.bodies(), [
        '{"id":1,"state":"running"}',
        '{"id":2,"state":"queued"}',
        '{"id":2,"state":"running"}',
        '{"id":3,"state":"queued"}',
      ]);
      same('gaps', lost(watched), []);
    },
  },
};

const alert = (fingerprint: string, state = 'active', updatedAt = '2026-01-01T00:00:00.000Z') => ({
  annotations: {},
  endsAt: updatedAt,
  fingerprint,
  labels: { alertname: `Alert ${fingerprint}` },
  receivers: [{ name: 'ops' }],
  startsAt: '2026-01-01T00:00:00.000Z',
  status: { inhibitedBy: [], silencedBy: [], state },
  updatedAt,
});

const told = ({ events }: Awaited<ReturnType<typeof watchBy>>): readonly string[] =>
  events.map(({ type, body }) => `${type} ${/"fingerprint":"(\w+)"/.exec(String(body))?.[1]}`);

/** https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, `GET /alerts`: `gettableAlerts`. */
export const alertmanager: Trials = {
  recipe: 'alertmanager',
  cases: {
    async heartbeat() {
      let asked = 0;
      const feed = await serve((_request, response) => {
        asked += 1;
        // Whoever sends an alert again moves its times, and nothing else.
        answer(response, [alert('aa', 'active', `2026-01-01T00:00:${10 + asked}.000Z`)]);
      });
      const watched = await watchBy('alertmanager', 'poll', `http://${feed.host}/api/v2/alerts`);
      await until('three answers', () => feed.asked.length > 2 && live(watched));
      same('told', told(watched), ['active aa']);
    },
    async 'planned end'() {
      const feed = await serve(
        inTurn(
          (_request, response) => answer(response, [alert('aa'), alert('bb')]),
          (_request, response) => answer(response, [alert('bb', 'suppressed')]),
          (_request, response) => answer(response, []),
          (_request, response) => answer(response, [alert('aa')]),
        ),
      );
      const watched = await watchBy('alertmanager', 'poll', `http://${feed.host}/api/v2/alerts`);
      await until('all that happened', () => watched.events.length === 6);
      same('told', told(watched), ['active aa', 'active bb', 'ended aa', 'suppressed bb', 'ended bb', 'active aa']);
      same('gaps', lost(watched), []);
    },
    async error() {
      const feed = await serve(
        inTurn(
          (_request, response) => answer(response, [alert('aa')]),
          (_request, response) => void response.writeHead(500, { 'content-type': 'application/json' }).end('"broken"'),
          (_request, response) => answer(response, [alert('aa')]),
        ),
      );
      const watched = await watchBy('alertmanager', 'poll', `http://${feed.host}/api/v2/alerts`);
      await until('an answer behind the error', () => feed.asked.length > 2 && live(watched));
      // An answer that failed is no empty list: nothing has ended.
      same('told', told(watched), ['active aa']);
    },
    async resume() {
      const feed = await serve(
        inTurn(
          (_request, response) => answer(response, [alert('aa'), alert('bb')]),
          (_request, response) => void response.destroy(),
          (_request, response) => answer(response, [alert('bb'), alert('cc')]),
        ),
      );
      const watched = await watchBy('alertmanager', 'poll', `http://${feed.host}/api/v2/alerts`);
      await until('what is new', () => watched.events.length === 4);
      same('told', told(watched), ['active aa', 'active bb', 'ended aa', 'active cc']);
    },
  },
};
