import { held, inTurn, live, lost, pause, same, serve, stream, type Trials, until, watchBy } from '../kit';

const type = 'application/json;stream=watch';

const pod = (kind: string, name: string, resourceVersion: string): string =>
  `${JSON.stringify({ type: kind, object: { kind: 'Pod', metadata: { name, resourceVersion } } })}\n`;
const bookmark = (resourceVersion: string): string =>
  `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion } } })}\n`;
const tooOld = `${JSON.stringify({
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: 'too old resource version: 5 (9)',
    reason: 'Expired',
    code: 410,
  },
})}\n`;

const path = '/api/v1/pods?watch=1&allowWatchBookmarks=true';
const versionOf = ({ url }: { readonly url?: string | undefined }): string | null =>
  new URL(url ?? '/', 'http://h').searchParams.get('resourceVersion');

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes and #watch-bookmarks */
export const kubernetesWatch: Trials = {
  recipe: 'kubernetes-watch',
  cases: {
    async heartbeat() {
      const feed = await serve((_request, response) => stream(response, type, bookmark('7')));
      const watched = await watchBy('kubernetes-watch', 'poll', `http://${feed.host}${path}`);
      await until('a bookmark', () => live(watched) && (watched.view()?.lastHeartbeatAt ?? null) !== null);
      same('bodies', watched.bodies(), []);
    },
    async 'planned end'() {
      const cut = held();
      // A watch is ended by the server in good order, and goes on behind the last version, a bookmark's included.
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, type, pod('ADDED', 'a', '5'), bookmark('9'));
            cut.on(() => response.end());
          },
          (_request, response) => stream(response, type, pod('MODIFIED', 'a', '12')),
        ),
      );
      const watched = await watchBy('kubernetes-watch', 'poll', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second watch', () => watched.bodies().length === 2);
      same(
        'types',
        watched.events.map(({ type: kind }) => kind),
        ['ADDED', 'MODIFIED'],
      );
      same('asked from', feed.asked.map(versionOf), [null, '9']);
      same('gaps', lost(watched), []);
    },
    async error() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, type, pod('ADDED', 'a', '5'));
            cut.on(() => response.destroy());
          },
          (_request, response) => {
            stream(response, type, tooOld);
            response.end();
          },
          (_request, response) => stream(response, type, pod('ADDED', 'a', '20')),
        ),
      );
      const watched = await watchBy('kubernetes-watch', 'poll', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('the list anew', () => watched.bodies().length === 2);
      await pause(100);
      same('asked from', feed.asked.map(versionOf), [null, '5', null]);
      same('gaps', lost(watched).includes('lost retention'), true);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, type, pod('ADDED', 'a', '5'), pod('ADDED', 'b', '6'), '{"type":"DEL');
            cut.on(() => response.destroy());
          },
          (_request, response) => stream(response, type, pod('DELETED', 'a', '7')),
        ),
      );
      const watched = await watchBy('kubernetes-watch', 'poll', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('news of the second watch', () => watched.bodies().length === 3);
      same(
        'types',
        watched.events.map(({ type: kind }) => kind),
        ['ADDED', 'ADDED', 'DELETED'],
      );
      same('asked from', feed.asked.map(versionOf), [null, '6']);
      same('gaps', lost(watched), []);
    },
  },
};
