import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Toolbar } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { type PathStep, pathText } from '../../../../shared/member-path';
import type { Recipe } from '../../../../shared/recipe';
import { Button } from '../../../ui/button';
import { clockMs } from '../../../ui/format/time';
import { visible } from '../../../ui/format/visible';
import { Panel } from '../../../ui/panel';
import { Segments } from '../../../ui/segments';
import { choicesFor, nameOf, type Place, type Role, roleAt } from './mapping';
import styles from './mapping.module.css';
import type { PlacedLine, SampleMessage } from './samples';
import { type Sign, signOf } from './sign';
import { LineText, ValueLine } from './value-line';

/** Lines of a message that are laid open; more are counted. */
const mostLines = 400;

interface MappingPanelProps {
  readonly messages: readonly SampleMessage[];
  readonly recipe: Recipe;
  /** Called when a person says what a value is; null where nothing can be said. */
  readonly onRole: ((place: Place, role: Role, body: unknown) => void) | null;
  /** Epoch ms: what is about now is a time. */
  readonly now: number;
  /** Shown while there is no message. */
  readonly empty: ReactNode;
}

/** Messages as they came and as they are read. A click on a value says what it is. */
export function MappingPanel({ messages, recipe, onRole, now, empty }: MappingPanelProps) {
  const [nth, setNth] = useState(0);
  const [view, setView] = useState<'read' | 'raw'>('read');
  const at = Math.min(nth, Math.max(0, messages.length - 1));
  const message = messages[at];
  const aside =
    message === undefined ? null : (
      <>
        <Segments
          label="How the sample is shown"
          value={view}
          options={[
            { value: 'read', text: 'As read' },
            { value: 'raw', text: 'As it came' },
          ]}
          onChange={setView}
        />
        <Button look="icon" aria-label="Sample before" disabled={at === 0} onClick={() => setNth(at - 1)}>
          <ChevronLeft size={14} aria-hidden="true" />
        </Button>
        <span>
          {at + 1} of {messages.length}
        </span>
        <Button
          look="icon"
          aria-label="Next sample"
          disabled={at >= messages.length - 1}
          onClick={() => setNth(at + 1)}
        >
          <ChevronRight size={14} aria-hidden="true" />
        </Button>
      </>
    );
  return (
    <Panel title="A sample, as it came" aside={aside} className={styles.panel}>
      {message === undefined ? (
        <div className={styles.empty}>{empty}</div>
      ) : (
        <>
          <EventLine message={message} />
          <Message message={message} recipe={recipe} onRole={view === 'raw' ? null : onRole} now={now} />
        </>
      )}
    </Panel>
  );
}

/** What the message is as an event. */
function EventLine({ message: { event } }: { readonly message: SampleMessage }) {
  const { type, stream } = event;
  const time = timeText(event);
  return (
    <p className={styles.event}>
      <Part name="type" value={type} />
      <Part name="stream" value={stream} />
      <Part name="time" value={time} />
    </p>
  );
}

/** A time that was pointed at is shown as a clock does where it reads as one, and as it is written elsewhere. */
function timeText({ time, sentAt }: SampleMessage['event']): string | null {
  if (time === null) return sentAt === null ? null : clockMs(sentAt);
  const sign = signOf('time', time, [], Date.now());
  return sign.kind === 'time' ? clockMs(sign.at) : time;
}

function Part({ name, value }: { readonly name: string; readonly value: string | null }) {
  return (
    <span>
      {name} <strong>{value === null ? 'none' : visible(value.slice(0, 60))}</strong>
    </span>
  );
}

interface MessageProps {
  readonly message: SampleMessage;
  readonly recipe: Recipe;
  readonly onRole: MappingPanelProps['onRole'];
  readonly now: number;
}

function Message({ message, recipe, onRole, now }: MessageProps) {
  const { lines } = message;
  if (lines === null) {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard
      <pre className={styles.raw} tabIndex={0}>
        {visible(message.text)}
      </pre>
    );
  }
  if (onRole === null) {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard
      <section className={styles.tree} tabIndex={0} aria-label="Sample">
        {lines.slice(0, mostLines).map(({ line }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a message never move
          <div key={at} className={styles.line}>
            <LineText line={line} />
          </div>
        ))}
      </section>
    );
  }
  return (
    <Toolbar.Root className={styles.tree} orientation="vertical" loop={false} aria-label="Values of the sample">
      {lines.slice(0, mostLines).map(({ line, place }, at) => {
        const { single, steps } = line;
        const sign = single && signOf(nameOf(steps), single.value, namesBeside(lines, place.read), now);
        const choices = sign === undefined ? [] : choicesFor(place, sign);
        if (sign === undefined || choices.length === 0) {
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a message never move
            <div key={at} className={styles.line}>
              <LineText line={line} />
            </div>
          );
        }
        return (
          <ValueLine
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a message never move
            key={at}
            line={line}
            path={pathText(place.read) || 'the whole'}
            role={roleAt(recipe, place)}
            choices={choices}
            looks={looksText(sign)}
            onChoose={(role) => onRole(place, role, message.body)}
          />
        );
      })}
      {lines.length > mostLines ? <p className={styles.note}>{lines.length - mostLines} more lines.</p> : null}
    </Toolbar.Root>
  );
}

/** What is worth saying of a value that nothing is said of. */
function looksText(sign: Sign): string {
  if (sign.kind === 'time') return 'a time';
  if (sign.kind === 'code') return 'a code';
  return sign.kind === 'id' ? 'an id' : '';
}

/** Names of the members of the object that a value stands in. */
function namesBeside(lines: readonly PlacedLine[], steps: readonly PathStep[]): readonly string[] {
  const parent = pathText(steps.slice(0, -1));
  return lines.flatMap(({ place: { read } }) => {
    const last = read.at(-1);
    const beside = read.length === steps.length && pathText(read.slice(0, -1)) === parent;
    return beside && last?.kind === 'member' ? [last.name] : [];
  });
}
