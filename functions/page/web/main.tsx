/** The page's entry. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './components/app.tsx';
import { resume } from './state/sending.ts';
import { client } from './state/session.ts';
import { counts } from './state/tasks.ts';
import { words } from './state/words.ts';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';
import './styles/composer.css';
import './styles/references.css';
import './styles/stage.css';
import './styles/task.css';
import './styles/history.css';
import './styles/viewer.css';

effect(() => {
  const { title } = words.value;
  const { running, completed } = counts.value;
  const parts = [
    running > 0 && title.running(running),
    completed > 0 && title.completed(completed),
    'Wanhook',
  ];
  document.title = parts.filter(Boolean).join(' · ');
});

if (client.value) resume(Date.now());
render(<App />, document.getElementById('page')!);
