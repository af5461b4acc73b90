import type { GatewayFeed } from '../feeds/gateway';
import type { JsonSocketFeed } from '../feeds/json-socket';
import type { Watch } from '../watch';
import type { World } from '../world';

/** Messages to feeds: what was taken arrived once, what was refused never, and the outbox says what became of each. */
export function judgeOutbox(world: World, complain: (text: string) => void): void {
  for (const watch of world.watches) {
    const say = (text: string): void => complain(`${watch.id} (${watch.feed.kind}): ${text}`);
    if (watch.feed.kind === 'gateway') judgeGateway(world, watch, say);
    if (watch.feed.kind === 'json-ws') judgeSilent(world, watch, say);
  }
}

function judgeGateway(world: World, watch: Watch, say: (text: string) => void): void {
  const arrived = (watch.feed as GatewayFeed).gateway.inbox.taken();
  const items = world.engine().outbox.view(watch.id)?.items ?? [];
  const order: number[] = [];
  for (const [body, fate] of watch.messages) {
    const times = arrived.filter((one) => one.body === body);
    // A server that lost its memory cannot know a key: what may have gone into the lost one is not sent again.
    if (times.length > 1) say(`message ${body} was taken ${times.length} times`);
    if (fate === 'refused' && times.length > 0) say(`message ${body} was refused here, and sent all the same`);
    const item = items.find((one) => one.body === body);
    if (fate === 'taken' && times.length === 0 && item?.state !== 'refused' && item?.state !== 'unknown')
      say(`message ${body} never arrived; the outbox says ${item?.state ?? 'nothing'} (${item?.note ?? ''})`);
    if (fate === 'taken' && item?.state === 'queued') say(`message ${body} still waits`);
    if (times.length > 0) order.push(arrived.findIndex((one) => one.body === body));
  }
  if (order.some((at, index) => index > 0 && at < (order[index - 1] ?? 0))) say('messages arrived in another order');
}

function judgeSilent(world: World, watch: Watch, say: (text: string) => void): void {
  const arrived = (watch.feed as JsonSocketFeed).received();
  const items = world.engine().outbox.view(watch.id)?.items ?? [];
  for (const [body, fate] of watch.messages) {
    const times = arrived.filter((one) => one === body).length;
    if (times > 1) say(`message ${body} was sent ${times} times`);
    if (fate === 'refused' && times > 0) say(`message ${body} was refused here, and sent all the same`);
    const state = items.find((one) => one.body === body)?.state;
    if (fate === 'taken' && times === 0 && state !== 'unknown')
      say(`message ${body} was lost; the outbox says ${state}`);
    if (fate === 'taken' && state === 'sending') say(`message ${body} is under way for ever`);
  }
}
