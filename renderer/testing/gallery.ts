import { createFakeBridge } from './fake-bridge';
import { sceneNames } from './scenes';

/** The real window on made-up sources: `gallery.html?scene=states`. For looking and for screenshots; it is not shipped. */
const asked = new URLSearchParams(window.location.search).get('scene');
const scene = sceneNames.find((name) => name === asked) ?? 'states';
Object.defineProperty(window, 'wirewatch', { value: createFakeBridge(scene) });
await import('../app/main');
