/** The page: signed in or not. */
import { PICTURES_ID } from '../state/focus.ts';
import { apiKey } from '../state/session.ts';
import { words } from '../state/words.ts';
import { Composer } from './composer.tsx';
import { DropArea } from './drop-area.tsx';
import { Header } from './header.tsx';
import { History } from './history.tsx';
import { LiveRegion } from './live-region.tsx';
import { SignIn } from './sign-in.tsx';
import { Stage } from './stage.tsx';
import { Viewer } from './viewer.tsx';

export function App() {
  return (
    <>
      {apiKey.value ? <Workspace /> : <SignIn />}
      <LiveRegion />
    </>
  );
}

function Workspace() {
  const { skip } = words.value;
  return (
    <DropArea>
      <a class="skip" href={`#${PICTURES_ID}`}>
        {skip}
      </a>
      <Header />
      <div class="workspace">
        <Composer />
        <main class="pictures" id={PICTURES_ID} tabIndex={-1}>
          <Stage />
          <History />
        </main>
      </div>
      <Viewer />
    </DropArea>
  );
}
