import { useRef, useState } from 'react';
import { type UseFormReturn, useForm } from 'react-hook-form';
import { useShallow } from 'zustand/react/shallow';
import type { FieldError as ContractError } from '../../../shared/errors';
import type { FoundReading } from '../../../shared/probe';
import type { SourceConfig } from '../../../shared/source';
import { routeHref } from '../../store/route';
import { errorText, useServices, useWindow } from '../../store/services';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { visible } from '../../ui/format/visible';
import { type Adding, addingOf, pasted, taken, wholeOf } from './add/adding';
import { FieldsPart, type FormFields } from './add/fields-part';
import { FoundPart } from './add/found-part';
import { PasteField } from './add/paste-field';
import { RecipeSection } from './add/recipe-section';
import { SpeakPanel } from './add/speak-panel';
import { protocolIn, spokenIn, withSpeak } from './add/speaking';
import { useLook } from './add/use-look';
import { fieldOf, fieldsOf } from './draft';
import { emptyReach, reachFieldOf, reachFieldsOf, secretNamesOf } from './reach/reach-fields';
import type { WithReach } from './reach/reach-inputs';
import { ReachSections } from './reach/reach-sections';
import { useSecretStorage } from './reach/use-secrets';
import styles from './source-form.module.css';

interface SourceFormProps {
  /** The source to edit; none to add one. */
  readonly source?: SourceConfig;
  readonly onClose: () => void;
}

const empty: FormFields = {
  name: '',
  url: '',
  kind: 'auto',
  intervalSeconds: 5,
  reach: emptyReach,
  storeWeakly: false,
};

/** A name for a secret that nobody has yet. */
const newName = (): string => crypto.randomUUID().slice(0, 13);

/** Adds or edits a source. Main judges what is right; its words stand at the field they are about. */
export function SourceForm({ source, onClose }: SourceFormProps) {
  const { bridge } = useServices();
  const [refusal, setRefusal] = useState<string | null>(null);
  const [adding, setAdding] = useState<Adding>(() => addingOf(source));
  const { look, begin, end, forget } = useLook();
  const body = useRef<HTMLFormElement>(null);
  const storage = useSecretStorage();
  const others = useWindow(
    useShallow(({ sources }) =>
      [...sources.values()].flatMap(({ id, config }) => (id === source?.id ? [] : [config.name])),
    ),
  );
  const form = useForm<FormFields>({
    defaultValues: source === undefined ? empty : { ...empty, ...fieldsOf(source), reach: reachFieldsOf(source.reach) },
  });
  const { register, handleSubmit, setError, watch, formState } = form;
  const [kind, url, name] = watch(['kind', 'url', 'name']);
  const isRecording = /^file:/i.test(url.trim());
  const spoken = spokenIn(kind, url, adding);

  const refuse = (errors: readonly ContractError[]): void => {
    const loose: string[] = [];
    // Without a name it takes the address's: when that is no address, the missing name is not the person's fault.
    const badAddress = errors.some(({ field }) => fieldOf(field) === 'url');
    for (const { field, message, fix } of errors) {
      const inReach = reachFieldOf(field);
      if (inReach !== null) {
        setError(`reach.${inReach}`, { message: `${message} ${fix}`.trim() }, { shouldFocus: true });
        continue;
      }
      const target = fieldOf(field);
      if (target === 'name' && badAddress && name.trim() === '') continue;
      const text = `${message} ${fix}`.trim();
      if (target === null) loose.push(field.startsWith('recipe') ? `${field}: ${text}` : text);
      else setError(target, { message: text }, { shouldFocus: true });
    }
    setRefusal(loose.length === 0 ? null : loose.join(' '));
  };

  const take = (before: Adding, found: FoundReading): void => {
    const next = taken(before, found, form.getValues('url'));
    setAdding(next);
    form.setValue('kind', 'found');
    const interval = found.ladder.find(({ transport }) => transport === 'poll')?.intervalSeconds;
    if (interval !== undefined) form.setValue('intervalSeconds', interval);
  };

  /** `post`: the person said that the request of the recipe is to be sent. */
  const lookAt = async (at: Adding, post: boolean): Promise<void> => {
    const { draft, secrets } = wholeOf({ ...form.getValues(), kind: 'auto' }, at, newName);
    const answer = await begin({ draft, secrets, post });
    const [best] = answer?.found ?? [];
    if (best !== undefined) take(at, best);
  };

  const understand = async (text: string): Promise<void> => {
    setRefusal(null);
    form.clearErrors();
    const result = await bridge.call('sources.understand', { pasted: text });
    if (!result.ok) {
      form.setValue('url', text);
      return setError('url', { message: errorText(result.error) }, { shouldFocus: true });
    }
    const { draft } = result.value;
    const next = pasted(adding, result.value);
    setAdding(next);
    const { kind: meant } = fieldsOf(draft);
    form.setValue('url', draft.url, { shouldDirty: true });
    form.setValue('kind', meant);
    if (draft.reach) form.setValue('reach', reachFieldsOf(draft.reach));
    // A body may be billed, or change something: it is sent when the person says so.
    if (next.recipe?.ask.post !== undefined) return forget();
    await lookAt(next, false);
  };

  /** What was found is of the address that it was found at. */
  const addressChanged = (): void => {
    if (source !== undefined || (look.kind === 'none' && adding.found === null)) return;
    forget();
    setAdding((before) => ({ ...before, recipe: before.found ? null : before.recipe, found: null, reading: null }));
    if (kind === 'found') form.setValue('kind', 'auto');
  };

  const submit = handleSubmit(async (fields) => {
    setRefusal(null);
    const { draft, secrets } = wholeOf(fields, adding, newName);
    const keep = storage === 'weak' ? (fields.storeWeakly ? 'weak' : 'run') : 'stored';
    let kept = false;
    try {
      // Before the source, so that it starts with them.
      for (const secret of secrets) {
        const set = await bridge.call('secrets.set', { ...secret, keep });
        if (!set.ok) return setRefusal(errorText(set.error));
      }
      const result =
        source === undefined
          ? await bridge.call('sources.add', draft)
          : await bridge.call('sources.edit', { id: source.id, draft });
      if (result.ok) {
        kept = true;
        onClose();
        window.location.hash = routeHref({ page: 'source', id: result.value.id, tab: 'health' });
      } else if (result.error.kind === 'invalid') refuse(result.error.errors);
      else setRefusal(errorText(result.error));
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    } finally {
      if (!kept) for (const { name } of secrets) void bridge.call('secrets.forget', { name });
    }
  });

  const openRecording = async (): Promise<void> => {
    setRefusal(null);
    try {
      const result = await bridge.call('sources.chooseRecording', {});
      if (!result.ok) return setRefusal(errorText(result.error));
      if (result.value === null) return;
      form.setValue('url', result.value.url, { shouldDirty: true });
      if (name.trim() === '') form.setValue('name', result.value.name, { shouldDirty: true });
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };

  const toCredential = (): void => {
    const section = body.current?.querySelector<HTMLDetailsElement>('[data-section="credential"]');
    if (!section) return;
    section.open = true;
    section.scrollIntoView({ block: 'center' });
    section.querySelector('select')?.focus({ preventScroll: true });
  };

  return (
    <Dialog
      open
      wide={source === undefined && !isRecording}
      onClose={onClose}
      title={source === undefined ? 'Add source' : `Edit ${visible(source.name)}`}
    >
      <form ref={body} className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
        <PasteField
          register={register('url', { onChange: addressChanged })}
          value={url}
          error={formState.errors.url?.message}
          look={look}
          can={source === undefined && url.trim() !== '' && !isRecording}
          editing={source !== undefined}
          notes={adding.notes}
          onLook={(text) => void understand(text)}
          onEnd={end}
        />
        {source !== undefined && url.trim() !== source.url ? (
          <p className={styles.recording} role="status">
            Messages that still wait were written for the old address: they are held, and go to the new one only if you
            send them there.
          </p>
        ) : null}
        {source === undefined && (isRecording || url.trim() === '') ? (
          <p className={styles.recording}>
            <Button look="quiet" onClick={() => void openRecording()}>
              {isRecording ? 'Open another recording…' : 'Or open a recording…'}
            </Button>
          </p>
        ) : null}
        {source === undefined && !isRecording ? (
          <FoundPart
            look={look}
            adding={adding}
            onChange={setAdding}
            onTake={(found) => take(adding, found)}
            onPost={() => void lookAt(adding, true)}
            onCredential={toCredential}
          />
        ) : null}
        <FieldsPart form={form} isRecording={isRecording} reading={adding.reading} others={others} />
        {spoken === null ? null : (
          <SpeakPanel
            key={spoken.protocol}
            speak={spoken}
            onChange={(speak) => setAdding((before) => withSpeak(before, speak))}
          />
        )}
        {isRecording ? null : (
          <>
            <RecipeSection
              adding={adding}
              onChange={setAdding}
              protocol={protocolIn(kind, url, adding)}
              socket={kind === 'websocket' || /^wss?:/i.test(url.trim())}
              talk={adding.found === null}
            />
            <ReachSections
              // The sections know their own part of the form only.
              form={form as unknown as UseFormReturn<WithReach>}
              kept={secretNamesOf(adding.reach)}
              draft={() => wholeOf(form.getValues(), adding, newName)}
            />
          </>
        )}
        {storage === 'none' ? (
          <p className={styles.note}>
            This machine has no keyring: passwords, tokens and keys entered here last until Wirewatch ends.
          </p>
        ) : null}
        {storage === 'weak' ? (
          <label className={styles.note}>
            <input type="checkbox" {...register('storeWeakly')} /> Store secrets on disk although this machine has no
            keyring: whoever can read the disk can read them. Otherwise they last until Wirewatch ends.
          </label>
        ) : null}
        {refusal === null ? null : (
          <p className={styles.refusal} role="alert">
            {visible(refusal)}
          </p>
        )}
        <DialogActions>
          {source === undefined ? <p className={styles.promise}>Nothing is stored before you add it.</p> : null}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={formState.isSubmitting}>
            {source === undefined ? 'Add' : 'Save'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
