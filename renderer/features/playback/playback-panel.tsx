import { CirclePause, CirclePlay, Rewind, SkipForward, StepForward } from 'lucide-react';
import type { Playback, RecordingView } from '../../../shared/recording';
import type { SourceView } from '../../../shared/view';
import { useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { durationText } from '../../ui/format/duration';
import { fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import styles from './playback-panel.module.css';

const paces = [0.1, 0.5, 1, 2, 5, 10, 50, 100];
/** How far back and on the buttons go, ms. */
const leapMs = 10_000;

const words: Readonly<Record<RecordingView['status'], string>> = {
  opening: 'being opened',
  playing: 'playing',
  paused: 'paused',
  ended: 'played to its end',
  unreadable: 'cannot be read',
};

interface PlaybackPanelProps {
  readonly view: SourceView;
  readonly recording: RecordingView;
}

/** What a recording has in place of a ladder: where it stands, and what moves it. */
export function PlaybackPanel({ view: { id, promise }, recording }: PlaybackPanelProps) {
  const { call } = useServices();
  const { status, from, to, position, speed, whole, said } = recording;
  const ready = status !== 'opening' && status !== 'unreadable';
  const play = (playback: Playback): void => void call('sources.play', { id, playback });
  const playing = status === 'playing';
  const at = position ?? from;
  return (
    <Panel title="Playback" aside={words[status]}>
      <p className={styles.place}>
        {at === null || from === null ? '—' : `${fullTime(at)}, ${durationText(Math.max(0, at - from))} in`}
        <small>
          {whole ? '' : 'The file was cut off. '}
          {said === null ? visible(promise) : `Then: ${visible(said)}`}
        </small>
      </p>
      {to === null || from === null || at === null ? null : (
        <input
          className={styles.seek}
          type="range"
          aria-label="Place in the recording"
          aria-valuetext={fullTime(at)}
          min={from}
          max={Math.max(from + 1, to)}
          value={Math.min(to, at)}
          onChange={(event) => play({ kind: 'seek', at: Number(event.target.value) })}
        />
      )}
      <div className={styles.row}>
        <Button disabled={!ready} onClick={() => void call(playing ? 'sources.pause' : 'sources.resume', { id })}>
          {playing ? <CirclePause size={13} aria-hidden="true" /> : <CirclePlay size={13} aria-hidden="true" />}
          <span>{playing ? 'Hold' : 'Play'}</span>
        </Button>
        <Button disabled={!ready || status === 'ended'} onClick={() => play({ kind: 'step' })}>
          <StepForward size={13} aria-hidden="true" />
          <span>Step</span>
        </Button>
        <Button
          disabled={!ready || at === null || from === null}
          onClick={() => play({ kind: 'seek', at: Math.max(from ?? 0, (at ?? 0) - leapMs) })}
        >
          <Rewind size={13} aria-hidden="true" />
          <span>10 s back</span>
        </Button>
        <Button
          disabled={!ready || at === null || status === 'ended'}
          onClick={() => play({ kind: 'seek', at: (at ?? 0) + leapMs })}
        >
          <SkipForward size={13} aria-hidden="true" />
          <span>10 s on</span>
        </Button>
        <label className={styles.pace}>
          Pace
          <select
            value={speed}
            disabled={!ready}
            onChange={(event) => play({ kind: 'speed', speed: Number(event.target.value) })}
          >
            {(paces.includes(speed) ? paces : [...paces, speed].toSorted((a, b) => a - b)).map((pace) => (
              <option key={pace} value={pace}>
                {pace} ×
              </option>
            ))}
          </select>
        </label>
      </div>
    </Panel>
  );
}
