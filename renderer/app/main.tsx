import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createServices, ServicesContext } from '../store/services';
import '../ui/global.css';
import { App } from './app';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');

createRoot(root).render(
  <StrictMode>
    <ServicesContext value={createServices(window.wirewatch)}>
      <App />
    </ServicesContext>
  </StrictMode>,
);
