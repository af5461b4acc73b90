import { useEffect, useRef, useState } from 'react';
import type { CommandArgs } from '../../../../shared/ipc';
import type { ReachAnswer, ReachPart } from '../../../../shared/secrets';
import { errorText, useServices } from '../../../store/services';
import { Button } from '../../../ui/button';
import { visible } from '../../../ui/format/visible';
import styles from './reach.module.css';

interface TestButtonProps {
  readonly part: ReachPart;
  /** What to try: the form as it stands. */
  readonly draft: () => Omit<CommandArgs<'sources.test'>, 'part'>;
  /** Pins the certificate that was seen; only where that can be meant. */
  readonly onTrust?: (fingerprint: string) => void;
}

type Told = { readonly kind: 'idle' | 'asking' } | { readonly kind: 'told'; readonly answer: ReachAnswer };

/** Tries the form's way to the source and answers in a sentence. */
export function TestButton({ part, draft, onTrust }: TestButtonProps) {
  const { bridge } = useServices();
  const answer = useRef<HTMLDivElement>(null);
  const [told, setTold] = useState<Told>({ kind: 'idle' });

  const ask = async (): Promise<void> => {
    setTold({ kind: 'asking' });
    const say = (text: string) => setTold({ kind: 'told', answer: { ok: false, text, certificate: null } });
    try {
      const result = await bridge.call('sources.test', { ...draft(), part });
      if (result.ok) setTold({ kind: 'told', answer: result.value });
      else say(errorText(result.error));
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };

  // The sentence may have grown past the edge of the form.
  useEffect(() => {
    if (told.kind === 'told') answer.current?.scrollIntoView({ block: 'nearest' });
  }, [told]);

  const certificate = told.kind === 'told' && !told.answer.ok ? told.answer.certificate : null;
  return (
    <div className={styles.test}>
      <Button onClick={() => void ask()} disabled={told.kind === 'asking'} data-test={part}>
        {told.kind === 'asking' ? 'Testing…' : 'Test'}
      </Button>
      <div ref={answer} role="status" className={styles.answer}>
        {told.kind === 'told' ? (
          <p data-ok={told.answer.ok}>
            <strong>{told.answer.ok ? 'Works. ' : 'Does not work. '}</strong>
            {visible(told.answer.text)}
          </p>
        ) : null}
        {certificate && onTrust ? (
          <p>
            Its SHA-256 fingerprint is <code>{certificate.fingerprint}</code>.{' '}
            <Button look="quiet" onClick={() => onTrust(certificate.fingerprint)}>
              Trust this one certificate
            </Button>
          </p>
        ) : null}
      </div>
    </div>
  );
}
