import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, developmentPolicy, withNonce } from './content-security-policy';
import { createReloader } from './reloader';
import { readWindowState, visibleBounds } from './window-state';

describe('the policy', () => {
  it('is the one that was promised, with the nonce for styles only', () => {
    expect(contentSecurityPolicy('abc')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-abc'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it('opens the development server and nothing else for hot reload', () => {
    expect(developmentPolicy('http://localhost:5173')).toContain("connect-src 'self' ws://localhost:5173");
  });

  it('hands the nonce to the page', () => {
    expect(withNonce('<html><head><title>x</title></head></html>', 'abc')).toBe(
      '<html><head>\n    <meta property="csp-nonce" nonce="abc" /><title>x</title></head></html>',
    );
  });
});

describe('a page that crashes', () => {
  it('comes back at once, then ever more slowly, and at once again after a healthy minute', () => {
    let now = 0;
    const waits: number[] = [];
    const reloader = createReloader({ now: () => now, after: (ms) => void waits.push(ms), reload: () => {} });
    for (let crash = 0; crash < 8; crash += 1) {
      reloader.gone();
      now += 100;
    }
    now += 60_001;
    reloader.gone();
    expect(waits).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 0]);
  });
});

describe('where the window was', () => {
  it('is believed as far as it makes sense', () => {
    const bounds = { x: -10, y: 20, width: 1280, height: 800 };
    const unknown = { bounds: null, maximized: false };
    expect(readWindowState(JSON.stringify({ bounds, maximized: true }))).toEqual({ bounds, maximized: true });
    expect(readWindowState(JSON.stringify({ bounds: { ...bounds, width: 3 }, maximized: false }))).toEqual(unknown);
    expect(readWindowState('{"bounds":{"x":1.5}}')).toEqual(unknown);
    expect(readWindowState('null')).toEqual(unknown);
    expect(readWindowState('{"bounds":')).toEqual(unknown);
  });

  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  it.each([
    [{ x: 100, y: 100, width: 800, height: 600 }, true],
    [{ x: 1800, y: 1000, width: 800, height: 600 }, true],
    [{ x: 2500, y: 100, width: 800, height: 600 }, false],
    [{ x: -790, y: 100, width: 800, height: 600 }, false],
    [{ x: 100, y: -500, width: 800, height: 600 }, false],
  ])('%j is used again: %s', (bounds, used) => {
    expect(visibleBounds(bounds, screens)).toEqual(used ? bounds : null);
  });
});
