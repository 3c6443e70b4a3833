/**
 * The conditions that keep a task's states in order, whoever writes first.
 *
 *   submit    ──putIntent──create at provider─────────accept──►        (accept may come last)
 *   callback            ──────────────────conclude──►                      (a callback may come before accept)
 *   check                                              ──conclude──►       (or a read, or the 24 hours)
 *
 * Each write carries its condition, so no order of these three loses an outcome or writes a second one.
 */

/** putIntent: the id is new. The failed write returns the record that is there, so a replay costs one call. */
export const IS_NEW = 'attribute_not_exists(id)';

/** The record exists: without this an update would create half a record. */
const EXISTS = 'attribute_exists(id)';

/** No outcome is recorded yet: the first one wins (promise 5). */
const IS_OPEN = '#status IN (:pending, :processing)';

/** The provider's id is not known yet, or it is this one: a foreign callback ends nothing (promise 4). */
const IS_SAME_PROVIDER_TASK =
  '(attribute_not_exists(provider_task_id) OR provider_task_id = :provider_task_id)';

/** accept: may be late; must not contradict what a callback has already said. */
export const MAY_ACCEPT = `${EXISTS} AND ${IS_SAME_PROVIDER_TASK}`;

/**
 * conclude, giveUp, refuse: the reservation is the one that was read, because it is settled by this write. Another attempt
 * may have reserved since, or this one's have been released.
 */
export const HOLDS_RESERVATION = 'reservation.attempt = :reservation';
export const HOLDS_NONE = 'attribute_not_exists(reservation)';

/** conclude, on the provider's report. */
export const MAY_CONCLUDE = `${EXISTS} AND ${IS_OPEN} AND ${IS_SAME_PROVIDER_TASK}`;

/** conclude, on our own: the 24 hours are over, or the provider stayed busy and nobody tried again. */
export const MAY_GIVE_UP = `${EXISTS} AND ${IS_OPEN} AND submission = :submission`;

/**
 * refuse: only what is still unconfirmed, and only by the attempt that was refused; a callback that came meanwhile proves
 * that something was created. A write whose answer is lost is repeated, and may come when another attempt creates:
 *
 *   attempt a   refuse ──► written (answer lost) ··························· refuse again ──► no: b's attempt
 *   attempt b                                     reopen ──► create at provider ─────────────────────► accept
 */
export const MAY_REFUSE = `${EXISTS} AND ${IS_OPEN} AND submission = :unconfirmed AND attribute_not_exists(provider_task_id) AND (attribute_not_exists(attempt) OR attempt = :attempt)`;

/** reopen: of several repeats with the same key exactly one creates again. */
export const MAY_REOPEN = `${EXISTS} AND #status = :pending AND submission = :refused`;

/** noteUnfinished: as conclude, of which it is a part. A task's attempts follow one another, so none is written over. */
export const MAY_NOTE_UNFINISHED = MAY_CONCLUDE;

/** obeyChain: the newest chain of timers wins (functions/check/check-timers.ts). */
export const MAY_OBEY_CHAIN = `${EXISTS} AND (attribute_not_exists(timer_chain) OR timer_chain < :timer_chain)`;

/** noteProgress: never after the end, never backwards, and never from processing to pending. */
export const MAY_PROGRESS = `${EXISTS} AND #status IN (:pending, :status) AND progress <= :progress`;

/** noteWebhook: nobody has noted an attempt since the record was read; of two at once the first one counts. */
export const MAY_NOTE_WEBHOOK = `${EXISTS} AND (attribute_not_exists(webhook) OR (webhook.attempts = :attempts AND webhook.run = :run))`;
