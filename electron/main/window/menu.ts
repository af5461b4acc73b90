import { Menu, type MenuItemConstructorOptions } from 'electron';

/** Keeps Electron from making a menu of its own at start, which nobody would see. Before the application is ready. */
export function holdMenu(): void {
  Menu.setApplicationMenu(null);
}

/** The few entries every desktop expects. Zoom and edit are roles, so that the system's own keys work. */
export function setMenu(packaged: boolean): void {
  const mac = process.platform === 'darwin';
  const template: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    { label: 'File', submenu: [mac ? { role: 'close' } : { role: 'quit' }] },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(packaged ? [] : [{ role: 'toggleDevTools' } satisfies MenuItemConstructorOptions]),
      ],
    },
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
