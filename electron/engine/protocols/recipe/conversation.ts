import { parsePath, valueAt } from '../../../../shared/member-path';
import type { ResumePoint } from '../../../../shared/position';
import type { OpenStep, Recipe } from '../../../../shared/recipe';
import { earliest, later, type MonotonicMs, type WallMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { ownText } from '../../core/own-text';
import type { Conversation, ConversationAct, Moment } from '../../core/protocol';
import { parseJson } from '../json-scan';
import { type Asked, compileConditions, type Matcher } from './conditions';
import { fillText, firstCursor, ownValues } from './filled';

/** A message that wants an answer of ours is short: a longer one is not looked through for it, characters. */
const longestAsked = 4 * 1024;

/** So much of a refusal is told. */
const mostTold = 300;

interface Step {
  readonly send: string;
  readonly login: boolean;
  readonly after: Matcher | null;
  readonly expect: Matcher | null;
  readonly refused: Matcher | null;
  readonly withinMs: number;
}

/** A recipe's talk, made ready once for all sessions. */
interface Script {
  readonly steps: readonly Step[];
  readonly every: readonly { readonly ms: number; readonly send: string }[];
  readonly answers: readonly { readonly when: Matcher; readonly send: string }[];
  readonly values: ReadonlyMap<string, string>;
}

/** What a recipe has to say on an open socket; null where it has nothing to say. */
export function createTalks(recipe: Pick<Recipe, 'talk' | 'variables' | 'resume'>): (() => Conversation) | null {
  const { open, every, answers } = recipe.talk;
  if (open.length + every.length + answers.length === 0) return null;
  const script: Script = {
    steps: open.map(stepOf),
    every: every.map(({ seconds, send }) => ({ ms: seconds * 1000, send })),
    answers: answers.map(({ when, send }) => ({ when: compileConditions(when), send })),
    values: new Map(recipe.variables.map(({ name, value }) => [name, value])),
  };
  return () => new RecipeConversation(script, firstCursor(recipe));
}

function stepOf({ send, login, after, expect, refused, withinSeconds }: OpenStep): Step {
  const compiled = (conditions: OpenStep['after']) => (conditions ? compileConditions(conditions) : null);
  return {
    ...{ send, login, withinMs: withinSeconds * 1000 },
    ...{ after: compiled(after), expect: compiled(expect), refused: compiled(refused) },
  };
}

interface Waiting {
  /** Before it is said, or for its answer. */
  readonly for: 'turn' | 'answer';
  readonly since: MonotonicMs;
  /** Null as long as the question has not left. */
  readonly until: MonotonicMs | null;
}

class RecipeConversation implements Conversation {
  readonly openingMs: number;
  /** The opening message whose turn it is. */
  private at = 0;
  /** What it waits for; null once all are said and answered, and before the socket is open. */
  private waiting: Waiting | null = null;
  /** Opening messages that can still be refused, and until when. */
  private refusable: { readonly step: Step; readonly until: MonotonicMs }[] = [];
  private settled = false;
  private over = false;
  /** When each of the periodic messages is due; empty before the conversation is settled. */
  private dueAt: MonotonicMs[] = [];
  private numbered = 0;

  constructor(
    private readonly script: Script,
    /** What is gone on behind. */
    private cursor: string,
  ) {
    this.openingMs = script.steps
      .flatMap(({ after, expect, withinMs }) => [after, expect].map((wanted) => (wanted ? withinMs : 0)))
      .reduce((sum, ms) => sum + ms, 0);
  }

  get wakeAt(): MonotonicMs | null {
    if (this.over) return null;
    const times = [...this.dueAt, this.waiting?.until ?? null].filter((time) => time !== null);
    return times.length === 0 ? null : earliest(...times);
  }

  opened(at: Moment, resume: ResumePoint | null): readonly ConversationAct[] {
    this.cursor = resume?.token ?? this.cursor;
    return this.begin(at, null);
  }

  sent(number: number, at: Moment): void {
    const step = this.script.steps[number - 1];
    if (this.over || !step) return;
    if (step.refused) this.refusable.push({ step, until: later(at.now, step.withinMs) });
    if (step.expect && number - 1 === this.at) this.waiting = waitFor('answer', step, at.now);
  }

  heard({ data: text }: Frame, at: Moment): readonly ConversationAct[] {
    if (this.over || typeof text !== 'string') return [];
    const { answers } = this.script;
    this.refusable = this.refusable.filter(({ until }) => at.now < until);
    const answerable = answers.length > 0 && text.length <= longestAsked;
    if (this.waiting === null && this.refusable.length === 0 && !answerable) return [];
    const parsed = parseJson(text);
    const message: Asked = { text, value: parsed.ok ? parsed.value : undefined, event: null };
    const refused = this.refusable.find(({ step }) => step.refused?.(message));
    if (refused) {
      this.over = true;
      return [{ kind: 'refused', login: refused.step.login, message: wordsOf(message) }];
    }
    const answer = answerable ? answers.find(({ when }) => when(message)) : undefined;
    const acts = answer ? [this.say(answer.send, null, at, message.value)] : [];
    return [...acts, ...this.goOn(message, at)];
  }

  due(at: Moment): readonly ConversationAct[] {
    if (this.over) return [];
    const { waiting } = this;
    if (waiting && waiting.until !== null && at.now >= waiting.until) {
      this.over = true;
      const unsaid = waiting.for === 'turn';
      return [
        { kind: 'unanswered', step: this.at + 1, afterMs: at.now - waiting.since, ...(unsaid ? { unsaid } : {}) },
      ];
    }
    const acts: ConversationAct[] = [];
    for (const [index, { ms, send }] of this.script.every.entries()) {
      const due = this.dueAt[index];
      if (due === undefined || at.now < due) continue;
      acts.push(this.say(send, null, at));
      this.dueAt[index] = later(at.now, ms);
    }
    return acts;
  }

  /** A message that is waited for has come: what follows it is said. */
  private goOn(message: Asked, at: Moment): readonly ConversationAct[] {
    const step = this.script.steps[this.at];
    if (this.waiting === null || !step) return [];
    if (this.waiting.for === 'turn') return step.after?.(message) ? this.ask(step, at, message) : [];
    // An answer may be here before we are told that the question has left.
    if (!step.expect?.(message)) return [];
    // What comes behind it answers something else, however like a refusal it looks.
    this.refusable = this.refusable.filter((refusable) => refusable.step !== step);
    this.at += 1;
    return this.begin(at, message);
  }

  /** The next opening message's turn. `heard`: what came just now may be what it waits for. */
  private begin(at: Moment, heard: Asked | null): readonly ConversationAct[] {
    const step = this.script.steps[this.at];
    if (!step) return this.settle(at);
    if (step.after && !(heard && step.after(heard))) {
      this.waiting = waitFor('turn', step, at.now);
      return [];
    }
    return this.ask(step, at, heard);
  }

  private ask(step: Step, at: Moment, heard: Asked | null): readonly ConversationAct[] {
    const said = this.say(step.send, this.at + 1, at);
    if (step.expect) {
      this.waiting = { for: 'answer', since: at.now, until: null };
      return [said];
    }
    this.at += 1;
    return [said, ...this.begin(at, heard)];
  }

  private settle(at: Moment): readonly ConversationAct[] {
    this.waiting = null;
    if (this.settled) return [];
    this.settled = true;
    this.dueAt = this.script.every.map(({ ms }) => later(at.now, ms));
    return [{ kind: 'settled' }];
  }

  private say(text: string, step: number | null, { wall }: Moment, answered?: unknown): ConversationAct {
    this.numbered += 1;
    return { kind: 'send', said: fillText(text, (name) => this.valueOf(name, wall, answered)), step };
  }

  private valueOf(name: string, wall: WallMs, answered: unknown): string | null {
    if (name.startsWith('.')) {
      const value = valueAt(answered, parsePath(name.slice(1)) ?? []);
      return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    }
    const own = ownValues(this.cursor, { n: this.numbered, wall });
    return Object.hasOwn(own, name) ? (own[name] ?? null) : (this.script.values.get(name) ?? null);
  }
}

function waitFor(what: Waiting['for'], { withinMs }: Step, since: MonotonicMs): Waiting {
  return { for: what, since, until: later(since, withinMs) };
}

/** What a refusal says, in the feed's own words. */
function wordsOf({ text, value }: Asked): string {
  const tried = ['message', 'error.message', 'error', 'reason', 'msg', 'detail', 'payload.message', 'data.message'];
  for (const path of tried) {
    const said = valueAt(value, parsePath(path) ?? []);
    if (typeof said === 'string' && said.trim() !== '') return ownText(said.trim().slice(0, mostTold));
  }
  return ownText(text.slice(0, mostTold));
}
