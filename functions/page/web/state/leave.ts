/** Signing out by hand: whoever comes next in this tab finds nothing of what was filled in. */
import { emptyForm } from '../compose/form.ts';
import { fillIn } from './form.ts';
import { forgetSendings } from './sending.ts';
import { signOut } from './session.ts';

export function leave(): void {
  fillIn(emptyForm);
  forgetSendings();
  signOut();
}
