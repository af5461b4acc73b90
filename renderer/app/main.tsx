import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { parseRoute } from '../store/route';
import { createServices, type Services, ServicesContext } from '../store/services';
import '../ui/global.css';
import { App } from './app';
import { loadPage, loadRestWhenIdle } from './parts';

/** The first paint waits this long for the state that it is to show, ms; then it shows what there is. */
const patienceMs = 200;

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');

const services = createServices(window.wirewatch);
const page = loadPage(parseRoute(window.location.hash)).catch(() => {});
void Promise.all([page, firstState(services)]).then(() => {
  createRoot(root).render(
    <StrictMode>
      <ServicesContext value={services}>
        <App />
      </ServicesContext>
    </StrictMode>,
  );
  // Two frames: the first is asked for before what was just drawn is painted.
  requestAnimationFrame(() => requestAnimationFrame(loadRestWhenIdle));
});

/** Drawn once with everything is sooner than drawn empty and again. */
function firstState({ store }: Services): Promise<void> {
  const known = (): boolean => store.getState().complete || store.getState().phase.kind === 'failed';
  if (known()) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(end, patienceMs);
    const unsubscribe = store.subscribe(() => {
      if (known()) end();
    });
  });
}
