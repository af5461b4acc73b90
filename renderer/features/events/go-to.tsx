import { type FormEvent, useState } from 'react';
import { useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { zone } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Segments } from '../../ui/segments';
import styles from './event-list.module.css';
import { localTime, type Numbering, seqOf } from './places';

const ways = [
  { value: 'time', text: 'Time' },
  { value: 'seq', text: 'Number' },
] as const;

interface GoToProps {
  readonly source: string;
  /** Only events that match it are gone to. */
  readonly filter: string;
  /** Numberings a number may be meant in; none where the feed has no numbers. */
  readonly numberings: readonly Numbering[];
  /** Where the time field begins, epoch ms. */
  readonly at: number;
  readonly onJump: (ordinal: number) => void;
  readonly onClose: () => void;
}

/** Goes to a time or a number of the stored events. */
export function GoTo({ source, filter, numberings, at, onJump, onClose }: GoToProps) {
  const { call } = useServices();
  const [way, setWay] = useState<'time' | 'seq'>('time');
  const [time, setTime] = useState(localTime(at));
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const [said, setSaid] = useState<string | null>(null);
  const numbering = numberings[chosen];
  const seq = seqOf(typed);
  const placeOf = () => {
    if (way === 'time')
      return Number.isNaN(Date.parse(time)) ? null : ({ by: 'time', time: Date.parse(time) } as const);
    return seq === null || numbering === undefined ? null : ({ by: 'seq', ...numbering, seq } as const);
  };
  const place = placeOf();
  const go = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (place === null) return;
    const ordinal = await call('events.at', { source, text: filter, place });
    if (ordinal === null)
      return setSaid(`Nothing${filter === '' ? '' : ' that matches the filter'} is stored from there on.`);
    onJump(ordinal);
    onClose();
  };
  const hint =
    way === 'time'
      ? 'The first stored event of that time, or the next one after it.'
      : 'The event of that number, or the next larger one that is stored.';
  return (
    <Dialog open onClose={onClose} title="Go to an event">
      <form className={styles.goTo} onSubmit={(event) => void go(event)}>
        {numberings.length === 0 ? null : (
          <Segments
            label="Go by"
            value={way}
            options={ways}
            onChange={(next) => {
              setWay(next);
              setSaid(null);
            }}
          />
        )}
        {way === 'time' ? (
          <label>
            Date and time ({zone(place?.by === 'time' ? place.time : at)})
            <input type="datetime-local" step={1} value={time} onChange={(event) => setTime(event.target.value)} />
          </label>
        ) : (
          <label>
            Number
            <input
              value={typed}
              inputMode="numeric"
              placeholder="seq:1204"
              maxLength={40}
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
        )}
        {way === 'seq' && numberings.length > 1 ? (
          <label>
            Stream
            <select value={chosen} onChange={(event) => setChosen(Number(event.target.value))}>
              {numberings.map(({ stream, epoch }, index) => (
                <option key={`${stream} ${epoch}`} value={index}>
                  {visible(`${stream || 'unnamed'} · epoch ${epoch}`)}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        <p aria-live="polite">{said ?? hint}</p>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={place === null}>
            Go
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
