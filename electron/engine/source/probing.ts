import { formatPosition, type Position } from '../../../shared/position';
import type { FoundReading, ProbeAnswer, ProbeSample } from '../../../shared/probe';
import { isNamedProtocol, protocolTexts } from '../../../shared/protocols';
import { type Recipe, recipeSchema } from '../../../shared/recipe';
import type { SourceConfig } from '../../../shared/source';
import { readEnd } from '../connection/ends';
import type { Governor } from '../connection/governor';
import { defaultTiming } from '../connection/timing';
import { parsedBody } from '../core/body-numbers';
import type { Clock } from '../core/clock';
import { concealed } from '../core/credential';
import type { Frame } from '../core/frame';
import type { NetworkFailure } from '../core/network';
import type { DecodedEvent, Message } from '../core/protocol';
import { pastedRecipe } from '../paste/curl';
import { type GatewayAddresses, type Probed, probe } from '../probe/probe';
import { waitingTitle } from '../probe/socket-signs';
import { suggest } from '../probe/suggest';
import type { Verdict } from '../probe/verdict';
import { gatewayAddress } from '../protocols/gateway';
import { inferLadder } from '../protocols/ladder';
import { filled, firstCursor, ownValues } from '../protocols/recipe/filled';
import { shippedRecipes } from '../protocols/recipes/shipped';
import { entryOf, protocolOf } from '../protocols/registry';
import { retryAfterOf } from '../transports/http-answer';
import type { SourcePorts } from './ports';

/** So much of a sample is told, characters, and so many samples. */
const mostOfSample = 16 * 1024;
const mostSamples = 20;

export interface ProbingDeps {
  readonly governor: Pick<Governor, 'request'>;
  readonly clock: Clock;
}

type Asked = Pick<SourceConfig, 'id' | 'url' | 'reach' | 'recipe'>;

/** A request that changes or costs something is not sent unasked. */
const unsent: ProbeAnswer = {
  found: [],
  samples: [],
  seen: ['Nothing was sent.'],
  problem: 'This feed is asked with a POST, which is sent only when you say so: it may change or cost something.',
};

/**
 * Looks at what answers at a source's address and says how it can be read. `post`: a person has agreed that the request of
 * its recipe is sent. `ports` stay the caller's. Never rejects; once `signal` fires it answers with what it has.
 */
export async function probeSource(
  config: Asked,
  ports: SourcePorts,
  { governor, clock }: ProbingDeps,
  { signal, post }: { readonly signal: AbortSignal; readonly post: boolean },
): Promise<ProbeAnswer> {
  const { url, recipe } = config;
  const body = recipe?.ask.post;
  if (body && !post) return unsent;
  const probed = await probe(
    {
      url,
      subprotocols: recipe?.ask.subprotocols ?? [],
      post:
        recipe && body
          ? { ...body, body: filled(body.body, recipe, ownValues(firstCursor(recipe), { n: 1, wall: clock.wall() })) }
          : null,
      accept: recipe?.ask.accept ?? null,
      gateway: gatewayOf(url),
    },
    { http: ports.http, socket: ports.socket, stream: ports.stream, clock, turns: governor, owner: config.id },
    signal,
  );
  const answer = answerOf(probed, config, clock);
  const { failure } = probed;
  const problem = failure === null ? answer.problem : failureText(failure, config, ports, clock);
  const shown = concealed({ ...answer, problem, ...waitIn(probed, clock) }, ports.credential);
  return { ...shown, found: shown.found.map((one, at) => withOwn(one, answer.found[at] ?? one)) };
}

/** What a server that was asked too often, or is busy, asks for before it is asked again. */
function waitIn({ head }: Probed, clock: Clock): Pick<ProbeAnswer, 'retryAfterSeconds'> {
  if (head?.status !== 429 && head?.status !== 503) return {};
  const ms = retryAfterOf(head, clock.wall());
  return ms === null || ms === 0 ? {} : { retryAfterSeconds: Math.ceil(ms / 1000) };
}

/**
 * What is dialled and sent is what was asked for, with places for its secrets: a word in it that happens to be a secret as
 * well is not struck out.
 */
function withOwn(shown: FoundReading, { ladder, recipe }: FoundReading): FoundReading {
  if (shown.recipe === null || recipe === null) return { ...shown, ladder };
  const { ask, talk, variables } = recipe;
  return { ...shown, ladder, recipe: { ...shown.recipe, ask, talk, variables } };
}

function answerOf({ verdicts, problem, steps }: Probed, config: Asked, clock: Clock): ProbeAnswer {
  const read = verdicts.map((verdict) => readingOf(verdict, config, clock));
  const [first] = verdicts;
  const found = [...claimedBy(config, first), ...read];
  const [reading] = read;
  const all = first && reading ? samplesOf(first, reading, clock) : [];
  // What our own gateway says besides is no sample of the feed.
  const told = reading?.protocol === 'gateway' ? all.filter(({ kind }) => kind === 'event') : all;
  const samples = told.map(sampleOf).slice(0, mostSamples);
  return { found, samples, seen: steps, problem };
}

/** A WebSocket that opened and said nothing of its own may be what its address looks like. */
function claimedBy({ url, recipe }: Asked, verdict: Verdict | undefined): readonly FoundReading[] {
  if (verdict?.title !== waitingTitle || (recipe?.talk.open.length ?? 0) > 0) return [];
  const inferred = inferLadder(url, 'auto');
  if (!inferred.ok || !isNamedProtocol(inferred.protocol) || inferred.protocol === 'gateway') return [];
  const { protocol, ladder } = inferred;
  const { name, hint } = protocolTexts[protocol];
  const why = [...verdict.why, 'Its address looks like one of that.'];
  const { promise } = protocolOf({ protocol, ladder });
  const says = entryOf(protocol).says ?? [];
  return [{ title: name, protocol, ladder, confidence: 'guess', why, wants: [hint], recipe: null, promise, says }];
}

function readingOf(verdict: Verdict, config: Asked, clock: Clock): FoundReading {
  const { title, protocol, confidence, why, wants } = verdict;
  // Of these all rungs are known once one has shown itself.
  const known =
    protocol === 'gateway' || protocol === 'nchan' || protocol === 'socket-io'
      ? inferLadder(config.url, protocol)
      : null;
  const ladder = known?.ok ? known.ladder : verdict.ladder;
  const says = entryOf(protocol).says ?? [];
  const reading = { title, protocol, ladder, confidence, why, wants, says };
  const recipe = protocol === 'json' ? recipeOf(verdict, reading, config.recipe ?? null, clock) : null;
  const { promise } = protocolOf({ protocol, ladder, recipe: recipe ?? undefined });
  const whole = { ...reading, recipe, promise };
  // Whoever cannot read what came is not what it was taken for.
  const unread = samplesOf(verdict, whole, clock).some((sample) => sample.kind === 'other' && sample.unread);
  if (!unread) return whole;
  return { ...whole, confidence: 'guess', why: [...why, 'But what came cannot be read as that.'] };
}

/** The shipped recipe that fits, with what the samples suggest; null where nothing is to be said. */
function recipeOf(
  verdict: Verdict,
  reading: Omit<FoundReading, 'recipe' | 'promise'>,
  own: Recipe | null,
  clock: Clock,
): Recipe | null {
  const shipped = verdict.base === null ? undefined : shippedRecipes.get(verdict.base);
  // What a person chose or wrote is not chosen anew; what a pasted command asks is only how it is asked.
  const chosen = own !== null && own.name !== pastedRecipe;
  const base: Recipe | null =
    shipped && !chosen
      ? {
          ...shipped,
          // What speaks already is sent nothing, and what answered a GET is not asked by POST.
          ...(verdict.waits ? {} : { talk: { open: [], every: shipped.talk.every, answers: shipped.talk.answers } }),
          ...(verdict.waits ? {} : { variables: [] }),
          ask: own ? { ...own.ask, once: own.ask.once ?? shipped.ask.once } : { ...shipped.ask, post: undefined },
          ...(verdict.identity === null || !shipped.list
            ? {}
            : { list: { ...shipped.list, identity: [verdict.identity] } }),
        }
      : own;
  const bodies = samplesOf(verdict, { ...reading, recipe: base, promise: '' }, clock).flatMap((sample) =>
    sample.kind === 'event' && sample.event.value !== undefined ? [parsedBody(sample.event)] : [],
  );
  const mapping = base && base.values.length > 0 ? base : suggest(bodies, clock.wall(), verdict.identity !== null);
  // What was learnt of how it has to be asked is asked by whoever watches it.
  const accept = reading.ladder.some(({ transport }) => transport === 'poll') ? verdict.accept : null;
  if (base === null && mapping.values.length === 0 && accept === null) return null;
  const { values, labels } = mapping;
  const ask = accept === null ? base?.ask : { ...base?.ask, accept };
  const made = recipeSchema.safeParse({ name: 'found', title: verdict.title, ...base, ask, values, labels });
  return made.success ? made.data : base;
}

type Sampled =
  | { readonly kind: 'event'; readonly event: DecodedEvent }
  /** Nothing of it is an event. `unread`: it cannot be read as this at all. */
  | { readonly kind: 'other'; readonly text: string; readonly unread: boolean };

/** The messages of a look as a reading decodes them. */
function samplesOf(verdict: Verdict, reading: FoundReading, clock: Clock): readonly Sampled[] {
  const rung = verdict.sampled ?? reading.ladder[0];
  if (!rung) return [];
  const decoder = protocolOf({ ...reading, recipe: reading.recipe ?? undefined }).createDecoder(rung);
  return verdict.frames.flatMap(({ data, event, id, line, headers = [] }): readonly Sampled[] => {
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
    const frame: Frame = { data, bytes, receivedAt: clock.wall(), event, id, headers, ...(line ? { line } : {}) };
    const messages = decoder.decode(frame);
    const unread = messages.some(({ kind }) => kind === 'undecodable' || kind === 'unusable');
    const events = messages.flatMap(eventsOf);
    if (events.length > 0) return events.map((one) => ({ kind: 'event', event: one }));
    return [{ kind: 'other', unread, text: typeof data === 'string' ? data : `<${data.length} bytes>` }];
  });
}

function eventsOf(message: Message): readonly DecodedEvent[] {
  if (message.kind === 'event') return [message.event];
  return message.kind === 'page' ? message.events : [];
}

function sampleOf(sample: Sampled): ProbeSample {
  if (sample.kind === 'other') {
    const { text } = sample;
    const bytes = Buffer.byteLength(text);
    return { text: text.slice(0, mostOfSample), bytes, type: null, stream: null, sentAt: null };
  }
  const { body, bytes, type, stream, sentAt } = sample.event;
  const text = typeof body === 'string' ? body.slice(0, mostOfSample) : `<${bytes} bytes>`;
  return { text, bytes, type, stream, sentAt };
}

/** A failure in the words that a source would have for it. */
function failureText(failure: NetworkFailure, { url }: Asked, { credential }: SourcePorts, clock: Clock): string {
  const { text } = readEnd(
    { kind: 'failed', failure },
    {
      transport: /^ws/i.test(url) ? 'websocket' : 'poll',
      opened: false,
      stopCodes: [],
      bare: credential === null || credential.bare === true,
      openMs: 0,
      wall: clock.wall(),
      timing: defaultTiming,
    },
  );
  return text;
}

/** How one of our gateway's streams would be asked, if the address is of one. */
function gatewayOf(address: string): GatewayAddresses | null {
  const inferred = inferLadder(address, 'gateway');
  const rung = inferred.ok ? inferred.ladder.find(({ transport }) => transport === 'poll') : undefined;
  if (!rung || !gatewayAddress(address) || /^ws/i.test(address)) return null;
  const asked = (after: Position | null) => {
    const url = `${rung.url}${rung.url.includes('?') ? '&' : '?'}wait=0&limit=10`;
    return after === null ? url : `${url}&after=${encodeURIComponent(formatPosition(after))}`;
  };
  return { poll: asked(null), after: (epoch, seq) => asked({ epoch, seq }) };
}
