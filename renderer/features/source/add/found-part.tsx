import { useMemo } from 'react';
import type { FoundReading } from '../../../../shared/probe';
import { useServices } from '../../../store/services';
import { Button } from '../../../ui/button';
import { ChartsPanel } from '../mapping/charts-panel';
import { bareRecipe, withRole } from '../mapping/mapping';
import { MappingPanel } from '../mapping/mapping-panel';
import { messagesOf } from '../mapping/samples';
import styles from './add.module.css';
import type { Adding } from './adding';
import { FoundPanel } from './found-panel';
import { PromisePanel, WantsPanel } from './promise-panel';
import { TalkPanel } from './talk-panel';
import { type Look, useHeld } from './use-look';

interface FoundPartProps {
  readonly look: Look;
  readonly adding: Adding;
  readonly onChange: (adding: Adding) => void;
  readonly onTake: (found: FoundReading) => void;
  /** The person says that the request of the recipe is to be sent. */
  readonly onPost: () => void;
  readonly onCredential: () => void;
}

const bare = bareRecipe();

/** What a look found, with its samples, what will be charted, sent and promised. As tall while it looks as after it. */
export function FoundPart({ look, adding, onChange, onTake, onPost, onCredential }: FoundPartProps) {
  const { clock } = useServices();
  const held = useHeld(look);
  const { found, typed } = adding;
  const recipe = adding.recipe ?? bare;
  const { read } = recipe;
  const samples = look.kind === 'told' ? look.answer.samples : null;
  const messages = useMemo(() => messagesOf(samples ?? [], read), [samples, read]);
  const posts = adding.recipe?.ask.post !== undefined;
  if (look.kind === 'none' && !posts) return null;
  const maps = found?.protocol === 'json';
  return (
    <>
      <FoundPanel look={look} chosen={found} onChoose={onTake} />
      {posts ? (
        <p className={styles.ask}>
          This feed is asked with a POST. It is sent to be looked at only when you say so.{' '}
          <Button onClick={onPost} disabled={look.kind === 'looking' || held}>
            Send the request
          </Button>
        </p>
      ) : null}
      <div className={styles.grid}>
        <MappingPanel
          messages={messages}
          recipe={recipe}
          now={clock.now()}
          onRole={
            maps ? (place, role, body) => onChange({ ...adding, recipe: withRole(recipe, place, role, body) }) : null
          }
          empty={look.kind === 'told' ? 'No message came in this time.' : 'The first messages will stand here.'}
        />
        <div className={styles.beside}>
          {found === null ? null : <WantsPanel wants={found.wants} onCredential={onCredential} />}
          <ChartsPanel
            messages={messages}
            recipe={recipe}
            families={found?.protocol === 'prometheus'}
            otherwise={
              found === null
                ? 'What was found decides.'
                : maps
                  ? 'Every number in its messages, as they are named there. Point at values to choose.'
                  : 'Every number that it names.'
            }
          />
          {found === null ? null : (
            <>
              <TalkPanel
                recipe={recipe}
                onChange={(next) => onChange({ ...adding, recipe: next })}
                typed={typed}
                onType={(next) => onChange({ ...adding, typed: next })}
                socket={found.ladder.some(({ transport }) => transport === 'websocket')}
                says={found.says}
              />
              <PromisePanel promise={found.promise} />
            </>
          )}
        </div>
      </div>
    </>
  );
}
