/**
 * What each promise requires, and the tests that show it. A promise is what we give our word for; a requirement is one
 * thing that must hold for it, so small that a test can break it.
 */

export interface Requirement {
  readonly says: string;
  /** Test files below `test`, without `.test.ts`; behind `#`, words that the full names of the meant tests hold. */
  readonly shownBy: readonly string[];
}

export interface Promised {
  readonly name: string;
  readonly says: string;
  readonly requirements: readonly Requirement[];
}

const simulated = 'simulation/simulation#keep every promise';

export const promises: readonly Promised[] = [
  {
    name: '1',
    says: 'No provider call without a record first; a crash leaves what resolves itself',
    requirements: [
      {
        says: 'When the provider is called, the whole record is there; without it nothing is called',
        shownBy: [
          'functions/submit/submit#intent before money',
          'system/submissions#without a record there is no provider call',
          simulated,
        ],
      },
      {
        says: 'A fault or a death after each step of a submit leaves a state that resolves itself',
        shownBy: ['functions/submit/submit#a fault after each step', 'system/crashes#submit dies', simulated],
      },
      {
        says: 'The id that a provider gave is kept, whatever fails or dies',
        shownBy: [
          'functions/submit/acceptance',
          'system/crashes#an acceptance that the table refuses',
          simulated,
        ],
      },
      {
        says: 'A task of which nothing is heard ends after 24 hours, and is read before',
        shownBy: ['functions/check/check', 'functions/check/check-timers', simulated],
      },
    ],
  },
  {
    name: '2',
    says: 'One paid call for a key',
    requirements: [
      {
        says: 'The same Idempotency-Key at the same time or later is one create',
        shownBy: ['functions/submit/repeats', 'system/submissions#twenty at once', simulated],
      },
      {
        says: 'A create is repeated only when it is certain that nothing was created',
        shownBy: ['functions/submit/create-task', 'system/submissions#money spent, answer lost', simulated],
      },
      {
        says: 'A refused task is created again by one of several repeats',
        shownBy: ['shared/task/store#reopen', 'functions/submit/repeats#refused for now', simulated],
      },
      {
        says: 'A key gives the same id for ever, whatever is rotated',
        shownBy: ['shared/task/ids#an id from a key'],
      },
    ],
  },
  {
    name: '3',
    says: 'A callback before, during or after the create response completes the task once',
    requirements: [
      {
        says: 'Before the response',
        shownBy: [
          'functions/submit/submit#before the create response',
          'system/callback-ingress#before the create response',
          simulated,
        ],
      },
      {
        says: 'During it: the later acceptance changes nothing of the outcome',
        shownBy: ['shared/task/store#after the outcome changes nothing', simulated],
      },
      {
        says: 'While the create timed out',
        shownBy: ['functions/submit/submit#while the create timed out', simulated],
      },
      {
        says: 'While every function is throttled',
        shownBy: ['system/callback-ingress#throttled'],
      },
    ],
  },
  {
    name: '4',
    says: 'A forged, foreign, malformed or oversized callback changes nothing and is counted',
    requirements: [
      {
        says: 'No signature but ours opens anything',
        shownBy: ['shared/security/signer', 'shared/task/callback-message#is not believed'],
      },
      {
        says: 'Nothing is written or fetched for what is not to be believed',
        shownBy: [
          'functions/callback/callback#not to be believed',
          'system/callback-ingress#garbage, forgeries and foreigners',
          simulated,
        ],
      },
      {
        says: 'A callback about another task of the provider’s ends nothing',
        shownBy: [
          'shared/task/store#a foreign provider task',
          'system/callback-ingress#is foreign',
          simulated,
        ],
      },
      {
        says: 'Whatever bytes arrive, each parser takes or refuses them',
        shownBy: ['untrusted-input'],
      },
    ],
  },
  {
    name: '5',
    says: 'Duplicates, replays and contradictions: the first outcome, one set of images, one event id',
    requirements: [
      {
        says: 'The first outcome is the one that arrived first, and stays',
        shownBy: [
          'shared/task/life-cycle',
          'shared/task/store#the first of 20 at once',
          'system/callback-order#the first report wins',
          simulated,
        ],
      },
      {
        says: 'Equal callbacks fetch every image once',
        shownBy: ['system/callback-order#three equal callbacks', 'functions/callback/callback#comes again'],
      },
      {
        says: 'No write changes the bytes that a record names',
        shownBy: ['functions/callback/archive#nothing that is kept is written over', simulated],
      },
    ],
  },
  {
    name: '6',
    says: '`completed` only after every image is kept or lost for good',
    requirements: [
      {
        says: 'The record is written after the images are in the bucket',
        shownBy: ['functions/callback/outcomes#only after the images are kept', simulated],
      },
      {
        says: 'What may pass is tried again, for as long as the links live',
        shownBy: ['shared/images/fetch', 'functions/callback/unfinished', simulated],
      },
      {
        says: 'An image that is cut short is told from a whole one',
        shownBy: ['shared/images/truncated', 'functions/callback/archive#cut short'],
      },
      {
        says: 'What our own archive could not keep is said aloud, and completes once it can',
        shownBy: [
          'functions/callback/kept-in-time',
          'system/kept-in-time',
          'system/images#a bucket that fails',
        ],
      },
      {
        says: 'A function that dies between two images loses none',
        shownBy: ['system/crashes#callback dies', simulated],
      },
    ],
  },
  {
    name: '7',
    says: 'Every change of outcome yields its event, with the same id, never before the record',
    requirements: [
      {
        says: 'The event’s id is a function of its change',
        shownBy: ['functions/publish/publish#the very same event', 'system/crashes#publish dies', simulated],
      },
      {
        says: 'What is wrong with one record, one entry or one call is no other’s concern',
        shownBy: ['functions/publish/publish', 'system/odd-data'],
      },
      {
        says: 'Never before the record',
        shownBy: ['system/crashes#never says more than the record', simulated],
      },
      {
        says: 'Whatever a record holds, its event fits on the bus',
        shownBy: ['shared/events/task-event#too large for the bus', 'shared/events/event-schema'],
      },
    ],
  },
  {
    name: '8',
    says: 'Every asynchronous edge has dead letters, an alarm, and a way back',
    requirements: [
      {
        says: 'Each queue, rule and mapping of the template has them',
        shownBy: ['infra/wanhook-stack', 'infra/alarms', 'system/stack'],
      },
      {
        says: 'The redrive command brings back what died',
        shownBy: ['system/redrive', 'system/webhooks#dead letter'],
      },
    ],
  },
  {
    name: '9',
    says: 'No request to a reserved address',
    requirements: [
      {
        says: 'By its number, in any spelling',
        shownBy: ['shared/security/url-guard'],
      },
      {
        says: 'By its name, whatever the name server says the next time',
        shownBy: ['shared/security/guarded-lookup', 'shared/webhooks/post#addresses'],
      },
      {
        says: 'By a redirect',
        shownBy: [
          'system/images#a redirect',
          'shared/images/fetch#a redirect',
          'shared/webhooks/post#a redirect',
        ],
      },
      {
        says: 'By a callback_url',
        shownBy: ['shared/webhooks/webhook-url', 'system/bad-input'],
      },
    ],
  },
  {
    name: '10',
    says: 'No secret in a log, an error or an event',
    requirements: [
      {
        says: 'A good day and bad ones leave none',
        shownBy: ['system/secrets', simulated],
      },
      {
        says: 'What a provider quotes of our key is taken out',
        shownBy: ['shared/providers/conformance#our key'],
      },
      {
        says: 'No URL, body or secret of a webhook is logged',
        shownBy: ['functions/deliver/deliver#the URL and the secret are not'],
      },
    ],
  },
  {
    name: '11',
    says: 'A budget or a limit is never reserved beyond, and what is reserved is settled once',
    requirements: [
      {
        says: 'Of many submits at once exactly what the budget has is reserved',
        shownBy: ['functions/submit/budgets', 'system/budgets', simulated],
      },
      {
        says: 'Settled once, on its own day, whatever fails, repeats or contends',
        shownBy: ['shared/task/reservations', simulated],
      },
    ],
  },
  {
    name: '12',
    says: 'The ledger is the sum over the tasks, and who comes near a budget is told',
    requirements: [
      {
        says: 'Exactly once, over shards, repeated batches and lost answers',
        shownBy: ['functions/ledger/keep-ledger', 'functions/usage/ledger-table', simulated],
      },
      {
        says: 'It can be computed again from the records, and is',
        shownBy: [
          'shared/usage/contribution',
          'infra/operations/usage/verify',
          'system/main-job#usage is the sum',
        ],
      },
      {
        says: '80 and 100 % of a budget are told once',
        shownBy: ['functions/ledger/announce-thresholds', 'system/main-job#the bus is told once'],
      },
    ],
  },
  {
    name: 'webhooks',
    says: 'A webhook is tried with one `webhook-id` until it is delivered, or for 24 hours; one receiver holds up no other',
    requirements: [
      {
        says: 'At least once, with one id, whatever fails or dies',
        shownBy: ['functions/deliver/deliver', 'system/webhooks#webhook-id', simulated],
      },
      {
        says: 'Pauses as documented, an end after 24 hours',
        shownBy: ['functions/deliver/schedule', 'functions/deliver/deliver#given up 24 hours'],
      },
      {
        says: 'Signed, so that a changed byte, an old time-stamp or another secret fail',
        shownBy: ['shared/webhooks/signature', 'system/webhooks#a changed byte'],
      },
      {
        says: 'Whatever a receiver answers is an outcome',
        shownBy: ['shared/webhooks/hostile-receivers', 'shared/webhooks/post'],
      },
      {
        says: 'One receiver holds up no other',
        shownBy: ['functions/deliver/independence', 'functions/deliver/hosts', 'system/independent-webhooks'],
      },
    ],
  },
];
