import type { FoundReading, ProbeAnswer } from '../../../../shared/probe';
import { transportNames } from '../../../../shared/transport';
import { useReading } from '../../../store/services';
import type { Tone } from '../../../ui/badges';
import { Countdown } from '../../../ui/countdown';
import { visible } from '../../../ui/format/visible';
import { Pill } from '../../../ui/pill';
import styles from './add.module.css';
import type { Look } from './use-look';

const confidenceTexts: Readonly<Record<FoundReading['confidence'], { readonly word: string; readonly tone: Tone }>> = {
  certain: { word: 'Certain', tone: 'ok' },
  likely: { word: 'Likely', tone: 'info' },
  guess: { word: 'A guess', tone: 'warn' },
};

interface FoundPanelProps {
  readonly look: Look;
  /** Which of the readings is taken. */
  readonly chosen: FoundReading | null;
  readonly onChoose: (reading: FoundReading) => void;
}

/** What a look found: how sure that is, why, and what else it could be. Its room is the same while it looks. */
export function FoundPanel({ look, chosen, onChoose }: FoundPanelProps) {
  return (
    <section className={styles.found} aria-label="What was found" aria-busy={look.kind === 'looking'}>
      <Line look={look} chosen={chosen} onChoose={onChoose} />
      <Seen look={look} chosen={chosen} />
    </section>
  );
}

function Line({ look, chosen, onChoose }: FoundPanelProps) {
  switch (look.kind) {
    case 'none':
      return null;
    case 'looking':
      return (
        <p role="status" className={styles.foundLine}>
          <Pill tone="idle">Looking</Pill> What answers there is asked once and listened to. Nothing else is sent.
        </p>
      );
    case 'failed':
      return (
        <p role="alert" className={styles.foundLine}>
          <Pill tone="bad">Not looked</Pill> {visible(look.text)}
        </p>
      );
    case 'held':
      return (
        <p role="status" className={styles.foundLine}>
          <Pill tone="warn">Not asked</Pill> <Pause until={look.notBefore} />
        </p>
      );
    case 'told':
      return (
        <>
          <Told answer={look.answer} chosen={chosen} onChoose={onChoose} />
          {look.notBefore === null ? null : (
            <p className={styles.why}>
              <Pause until={look.notBefore} />
            </p>
          )}
        </>
      );
  }
}

/** What a server asked for that was asked too often, or is busy. */
function Pause({ until }: { readonly until: number }) {
  const over = useReading((now) => (now >= until ? 'over' : ''));
  if (over !== '') return <>The time that the server asked for is over: it may be asked again.</>;
  return (
    <>
      The server asks to be left alone: it may be asked again in <Countdown until={until} />.
    </>
  );
}

interface ToldProps extends Omit<FoundPanelProps, 'look'> {
  readonly answer: ProbeAnswer;
}

function Told({ answer, chosen, onChoose }: ToldProps) {
  if (chosen === null) {
    return (
      <p role="status" className={styles.foundLine}>
        <Pill tone="bad">Nothing found</Pill> {visible(answer.problem ?? 'Nothing there can be read as a feed.')}
      </p>
    );
  }
  const { word, tone } = confidenceTexts[chosen.confidence];
  return (
    <div className={styles.foundLine}>
      <p role="status">
        <Pill tone={tone}>{word}</Pill> <strong>{visible(chosen.title)}</strong>{' '}
        <span className={styles.why}>{visible(chosen.why.join(' '))}</span>
      </p>
      {answer.found.length > 1 ? (
        <label className={styles.another}>
          Read as{' '}
          <select
            value={answer.found.indexOf(chosen)}
            onChange={(event) => {
              const other = answer.found[Number(event.target.value)];
              if (other !== undefined) onChoose(other);
            }}
          >
            {answer.found.map(({ title, confidence }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the readings of an answer never move
              <option key={at} value={at}>
                {visible(title)} ({confidenceTexts[confidence].word.toLowerCase()})
              </option>
            ))}
          </select>
        </label>
      ) : null}
    </div>
  );
}

/** What was asked and what came, and over which transports it will be read. */
function Seen({ look, chosen }: Pick<FoundPanelProps, 'look' | 'chosen'>) {
  const seen = look.kind === 'told' ? look.answer.seen : [];
  const ladder = chosen?.ladder.map(({ transport }) => transportNames[transport]).join(', then ') ?? '';
  return (
    <div className={styles.seen}>
      <ol aria-label="What was asked, and what came">
        {seen.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps never move
          <li key={at}>{visible(step)}</li>
        ))}
      </ol>
      {ladder === '' ? null : <p>Will be read by {ladder}.</p>}
    </div>
  );
}
