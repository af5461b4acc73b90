import { useEffect, useMemo, useState } from 'react';
import type { ProbeSample } from '../../../../shared/probe';
import type { Recipe } from '../../../../shared/recipe';
import type { SourceConfig } from '../../../../shared/source';
import { errorText, useServices } from '../../../store/services';
import { Button } from '../../../ui/button';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { visible } from '../../../ui/format/visible';
import { RecipeBar } from '../add/recipe-bar';
import { readBare } from '../add/speaking';
import { ChartsPanel } from './charts-panel';
import { bareRecipe, withRole } from './mapping';
import styles from './mapping.module.css';
import { MappingPanel } from './mapping-panel';
import { messagesOf } from './samples';

interface MappingDialogProps {
  readonly source: SourceConfig;
  readonly onClose: () => void;
}

/** How many of the newest events are samples. */
const newest = 20;

/** Says anew what the values of a source's events are, with its newest ones as samples. What is stored stays as it is. */
export function MappingDialog({ source, onClose }: MappingDialogProps) {
  const { bridge, clock } = useServices();
  const [recipe, setRecipe] = useState<Recipe | null>(source.recipe ?? null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const samples = useNewest(source.id);
  const shown = useMemo(() => recipe ?? bareRecipe(), [recipe]);
  const messages = useMemo(() => messagesOf(samples ?? [], shown.read), [samples, shown.read]);

  const save = async (): Promise<void> => {
    const { id, name, url, protocol, ladder, inferred } = source;
    const how = inferred ? { protocol: 'auto' as const } : { protocol, ladder };
    try {
      const result = await bridge.call('sources.edit', { id, draft: { name, url, ...how, recipe } });
      if (result.ok) onClose();
      else setRefusal(errorText(result.error));
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };

  return (
    <Dialog open wide onClose={onClose} title={`Mapping of ${visible(source.name)}`}>
      <RecipeBar recipe={recipe} bare={readBare(null)} onChange={setRecipe} />
      <div className={styles.grid}>
        <MappingPanel
          messages={messages}
          recipe={shown}
          now={clock.now()}
          onRole={(place, role, body) => setRecipe(withRole(shown, place, role, body))}
          empty={samples === null ? 'The newest events will stand here.' : 'No event is stored yet.'}
        />
        <div>
          <ChartsPanel
            messages={messages}
            recipe={shown}
            otherwise="Every number in its events, as they are named there. Point at values to choose."
          />
        </div>
      </div>
      {refusal === null ? null : (
        <p className={styles.refusal} role="alert">
          {visible(refusal)}
        </p>
      )}
      <DialogActions>
        <p className={styles.foot}>
          It holds for what comes from now on. What is stored stays as it was read, and the page says since when.
        </p>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" onClick={() => void save()}>
          Save mapping
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** The newest events of a source as samples, newest first; null until they are there. */
function useNewest(source: string): readonly ProbeSample[] | null {
  const { call } = useServices();
  const [samples, setSamples] = useState<readonly ProbeSample[] | null>(null);
  useEffect(() => {
    let wanted = true;
    void call('events.page', { source, from: null, direction: 'before', limit: newest }).then((page) => {
      if (!wanted || page === null) return;
      const texts = page.rows.filter(({ encoding }) => encoding === 'text').reverse();
      setSamples(texts.map(({ body, bytes, type, stream, sentAt }) => ({ text: body, bytes, type, stream, sentAt })));
    });
    return () => {
      wanted = false;
    };
  }, [call, source]);
  return samples;
}
