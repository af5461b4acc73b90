import { useState } from 'react';
import { Overview } from '../features/overview/overview';
import { useRoute, useWindow } from '../store/services';
import { AlertVoice } from './alert-voice';
import styles from './app.module.css';
import { Header } from './header';
import { JournalBanner } from './journal-banner';
import { Notices } from './notices';
import { AlertsPage, FaultPanel, SettingsPage, SourceForm, SourcePage } from './parts';
import { RuntimeBanner } from './runtime-banner';
import { Sidebar } from './sidebar';
import { Trouble } from './trouble';

/** The window: header, sidebar, and the page that the address names. */
export function App() {
  const phase = useWindow((state) => state.phase);
  const [adding, setAdding] = useState(false);
  const [faultsOpen, setFaultsOpen] = useState(false);
  const add = (): void => setAdding(true);
  if (phase.kind === 'failed') return <Trouble message={phase.message} />;
  const demo = phase.kind === 'attached' && phase.app.demo;
  return (
    <div className={styles.window}>
      <Header onAdd={add} />
      <Sidebar demo={demo} faultsOpen={faultsOpen} onFaults={() => setFaultsOpen(!faultsOpen)} />
      <main className={styles.main} id="main">
        <JournalBanner />
        <RuntimeBanner />
        <Page onAdd={add} />
      </main>
      {demo && faultsOpen ? <FaultPanel onClose={() => setFaultsOpen(false)} /> : null}
      {adding ? <SourceForm onClose={() => setAdding(false)} /> : null}
      <Notices />
      <AlertVoice />
    </div>
  );
}

function Page({ onAdd }: { readonly onAdd: () => void }) {
  const route = useRoute();
  switch (route.page) {
    case 'overview':
      return <Overview onAdd={onAdd} />;
    case 'alerts':
      return <AlertsPage />;
    case 'settings':
      return <SettingsPage />;
    case 'source':
      return <SourcePage key={route.id} id={route.id} tab={route.tab} ordinal={route.ordinal ?? null} />;
  }
}
