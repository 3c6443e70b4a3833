/** Judges the alarms, and whether anybody hears them. */
import type { Commands } from './commands.ts';
import type { AlarmFact, ListenerFact } from './facts.ts';
import { type Finding, findingsOf } from './finding.ts';

const { fine, note, trouble } = findingsOf('alarms');

export function diagnoseAlarms(alarms: readonly AlarmFact[], commands: Commands): Finding[] {
  if (alarms.length === 0)
    return [trouble('all', 'no alarm rings at the topic of the deployment', commands.deploy)];
  const inAlarm = alarms.filter(({ state }) => state === 'ALARM');
  const silent = alarms.filter(({ rings }) => !rings);
  const unknown = alarms.filter(({ state }) => state === 'INSUFFICIENT_DATA').length;
  const calm = `${alarms.length} alarms, ${inAlarm.length || 'none'} in ALARM`;
  return [
    unknown === 0 ? fine('all', calm) : note('all', `${calm}, ${unknown} without data to tell`),
    ...inAlarm.map(({ name, description, functionName }) =>
      trouble(
        name,
        `ALARM: ${description}`,
        functionName === undefined ? commands.readAlarm(name) : commands.readLog(functionName),
      ),
    ),
    ...silent.map(({ name }) => trouble(name, 'its actions are switched off', commands.ringAgain(name))),
  ];
}

export function diagnoseListeners(listeners: readonly ListenerFact[], commands: Commands): Finding[] {
  const item = 'who hears them';
  const confirmed = listeners.filter(({ isConfirmed }) => isConfirmed);
  const heard = confirmed.map(({ endpoint, protocol }) => `${endpoint} (${protocol})`).join(', ');
  const asked = listeners
    .filter(({ isConfirmed }) => !isConfirmed)
    .map(({ endpoint, protocol }) =>
      trouble(
        item,
        `${endpoint} (${protocol}) has not confirmed, and hears nothing; this sends it the question again`,
        commands.subscribe(protocol, endpoint),
      ),
    );
  if (heard) return [fine(item, heard), ...asked];
  if (asked.length > 0) return asked;
  return [trouble(item, 'nobody: an alarm rings unheard', commands.subscribe('email', 'YOU@EXAMPLE.COM'))];
}
