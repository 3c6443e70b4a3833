/**
 * What must hold in every run, whatever happens (docs/promises.md). It is told what really happened and sees what the
 * product wrote and said; it knows nothing of how the product works.
 */
import type { TaskEventDetail } from '../../shared/events/task-event.ts';
import { hasEnded, type Reservation, type TaskRecord } from '../../shared/task/record.ts';
import { brokenCounters, exceededBy, type Row, wrongCharge } from './counters.ts';
import { brokenLedger, untoldThresholds } from './ledger.ts';
import { isDeliverable, isKeepable } from './provider/plan.ts';
import type { Terms } from './terms.ts';
import type { TaskTruth, Truth } from './truth.ts';

export interface OracleView {
  readonly truth: Truth;
  readonly now: () => number;
  readonly record: (id: string) => TaskRecord | undefined;
  readonly records: () => readonly TaskRecord[];
  /** Of the usage table. */
  readonly rows: () => readonly Row[];
  readonly terms: () => Terms;
  /** SHA-256 in hex of what the bucket holds under a key. */
  readonly objectAt: (key: string) => string | undefined;
  /** A calm run: no fault of ours. Then nobody has a reason to wait. */
  readonly isCalm: () => boolean;
  readonly isBehaving: (task: string) => boolean;
}

const DAY_MS = 86_400_000;
const PENDING_MS = 25 * 3_600_000;
const SOON_MS = 15_000;
/** Ends that the product finds by itself, and ends of a completion without anything. */
const ownEnds = new Set(['provider_timeout', 'provider_busy', 'outcome_unrecorded']);
const emptyEnds = new Set(['results_lost', 'generation_failed_no_content']);

export class Oracle {
  readonly violations: string[] = [];
  readonly #view: OracleView;
  readonly #events = new Set<string>();
  /** Ids of the events of budgets. */
  readonly #told = new Set<string>();
  /** Ids of the webhooks that arrived, and of those whose receiver wants no more. */
  readonly #webhooks = new Set<string>();

  constructor(view: OracleView) {
    this.#view = view;
  }

  /** Promises 1 and 2: a record before the call, and no second call unless nothing came of the first. */
  createArrives(name: string): void {
    const { truth, record } = this.#view;
    const { id, creates } = truth.of(name);
    if (!id || !record(id)) this.#broken(`a create for ${name} without a record`);
    if (creates.some(({ result }) => result !== 'none'))
      this.#broken(`a second create for ${name}, which may exist`);
  }

  /** Promises 3, 5 and 6: one outcome, the first that arrived; completed only with its images. */
  recordChanges(before: TaskRecord | undefined, after: TaskRecord): void {
    const task = this.#view.truth.byId(after.id);
    if (!task) return;
    for (const broken of brokenCounters(this.#view.records(), this.#view.rows())) this.#broken(broken);
    if (before?.reservation?.attempt !== after.reservation?.attempt && after.reservation)
      this.#reserves(task.name, after.reservation);
    if (before && hasEnded(before.status)) {
      if (endOf(before) !== endOf(after)) this.#broken(`the outcome of ${task.name} was changed`);
    } else if (hasEnded(after.status)) this.#ends(task, after);
  }

  /** What is reserved keeps within what the operator has set. */
  #reserves(name: string, reservation: Reservation): void {
    const exceeded = exceededBy(reservation, this.#view.rows(), this.#view.terms());
    if (exceeded) this.#broken(`${name} was reserved beyond ${exceeded}`);
  }

  #ends(task: TaskTruth, record: TaskRecord): void {
    const { name, arrivals, creates } = task;
    const code = record.error?.code ?? '';
    const mayExist = creates.some(({ result }) => result !== 'none');
    if (code === 'provider_busy' && mayExist)
      this.#broken(`${name} ended as ${code}, but the provider may have it`);
    const wrong = wrongCharge(task, record);
    if (wrong) this.#broken(`${name} was charged ${wrong}`);
    if (code === 'provider_timeout') this.#timesOut(task, record);
    if (ownEnds.has(code) && arrivals.some(({ isDoubtful }) => !isDoubtful))
      this.#broken(`${name} ended as ${code} although its outcome had arrived`);
    const isRefused =
      record.submission === 'refused' && !mayExist && creates.some(({ isFinalNo }) => isFinalNo);
    if (!ownEnds.has(code) && !isRefused) this.#concludes(task, record);
  }

  /** On what a provider said. */
  #concludes(task: TaskTruth, record: TaskRecord): void {
    const { name, arrivals, images } = task;
    const code = record.error?.code ?? '';
    const first = arrivals.find(({ isDoubtful }) => !isDoubtful);
    const allowed = arrivals.filter(({ at }) => !first || at <= first.at).map(({ status }) => status);
    const isEmpty = emptyEnds.has(code) && !images.some(isKeepable) && allowed.includes('completed');
    const reported = isEmpty ? 'completed' : (record.status as 'completed' | 'failed');
    if (!allowed.includes(reported))
      this.#broken(
        `${name} ended as ${record.status} ${code}, but first arrived: ${allowed.join(', ') || 'nothing'}`,
      );
    if (reported === 'completed') this.#isArchived(task, record);
    if (first && this.#isSwift(name)) this.#inTime(`the end of ${name}`, first.at);
  }

  #inTime(what: string, since: number): void {
    const ms = this.#view.now() - since;
    if (ms > SOON_MS) this.#broken(`${what} waited ${Math.round(ms / 1000)} s for nothing of its own`);
  }

  /** Nothing that could be asked for was given up. */
  #timesOut({ name, endedAt, reads, providerIds }: TaskTruth, record: TaskRecord): void {
    // Who calls back under another id and never answered the create can be asked by nobody.
    const isKnown = providerIds.includes(record.provider_task_id ?? '');
    const couldAsk = isKnown && (endedAt ?? Infinity) < (record.created + 85_000) * 1000;
    if (couldAsk && reads.failed === 0) this.#broken(`${name} was given up, and nobody had asked`);
  }

  #isArchived({ name, images }: TaskTruth, record: TaskRecord): void {
    const linksLive = this.#view.now() - record.created * 1000 < DAY_MS;
    for (const { index, key, sha256 } of record.images ?? []) {
      if (this.#view.objectAt(key) !== sha256)
        this.#broken(`image ${index} of ${name} is not in the bucket as recorded`);
    }
    const kept = new Set(record.images?.map(({ index }) => index));
    for (const [index, kind] of images.slice(0, 32).entries()) {
      if (isDeliverable(kind) && linksLive && !kept.has(index))
        this.#broken(`image ${index} of ${name} could be had, and is lost`);
    }
    const truncated = record.images?.filter(
      (image) => image.truncated && images[image.index] !== 'cut short for good',
    );
    if (truncated?.length) this.#broken(`half an image of ${name} was kept although the whole could be had`);
  }

  /** Promise 7: never before the record; one id an outcome. */
  eventArrives(detail: TaskEventDetail): void {
    const { id, task } = detail;
    const [taskId = '', outcome] = id.split(':');
    const record = this.#view.record(taskId);
    const isShown = record && (outcome === 'created' || record.status === outcome);
    if (!isShown || (outcome !== 'created' && task.status !== outcome))
      this.#broken(`event ${id} before its record`);
    const name = this.#view.truth.byId(taskId)?.name;
    if (name && this.#isSwift(name) && !this.#events.has(id))
      this.#inTime(`the event ${name}:${outcome}`, (record?.completed ?? record?.created ?? 0) * 1000);
    this.#events.add(id);
  }

  /** The same of webhooks: one id an outcome, and what the record shows. */
  webhookArrives(id: string, body: string): void {
    const [taskId = '', outcome] = id.split(':');
    if (this.#view.record(taskId)?.status !== outcome || JSON.parse(body).status !== outcome)
      this.#broken(`webhook ${id} before its record`);
    this.#webhooks.add(id);
  }

  receiverIsGone(id: string): void {
    this.#webhooks.add(id);
  }

  /** Promise 4: what is forged writes nothing. */
  forgeryWrites(what: string): void {
    this.#broken(`a forged callback wrote: ${what}`);
  }

  /** Promise 10. */
  secretLeaks(where: string): void {
    this.#broken(`a secret stands in ${where}`);
  }

  /** Promise 9. */
  strangerIsAsked(host: string): void {
    this.#broken(`a request went to ${host}`);
  }

  /** A caller is told that there is a task: then somebody has asked the provider, or is about to. */
  toldOfTask(name: string): void {
    const { asked, creates } = this.#view.truth.of(name);
    if (asked === 1 && creates.length === 0)
      this.#broken(`the caller of ${name} has a task that nobody asked for`);
  }

  /** A caller is told that nothing was created. */
  toldNothingCreated(name: string, invocation: string): void {
    const mine = this.#view.truth.of(name).creates.filter((create) => create.invocation === invocation);
    if (mine.some(({ result }) => result !== 'none'))
      this.#broken(`the caller of ${name} was told that nothing was created`);
  }

  /**
   * @param unpublished ids of tasks whose event was set aside for the operator
   * @param uncounted ids of tasks of which a change was given up on its way to the ledger
   */
  end(
    records: readonly TaskRecord[],
    unpublished: ReadonlySet<string>,
    uncounted: ReadonlySet<string>,
  ): void {
    for (const broken of brokenCounters(records, this.#view.rows())) this.#broken(broken);
    const { caller, budget } = this.#view.terms();
    const limiting = this.#view.rows().filter(({ entry }) => /^(month|running|minute)#/.test(String(entry)));
    if (!budget && !caller.limits && limiting.length > 0)
      this.#broken('counters were written though nothing is limited');
    this.#isCounted(records, uncounted);
    for (const record of records) {
      const task = this.#view.truth.byId(record.id);
      if (!task) continue;
      this.#isOver(task, record);
      if (task.isAcceptanceTold && !record.provider_task_id)
        this.#broken(`the provider's id of ${task.name} is lost`);
      this.#wasPublished(task.name, record, 'created', unpublished);
      if (!hasEnded(record.status)) continue;
      this.#wasPublished(task.name, record, record.status, unpublished);
      this.#wasDelivered(task.name, record);
    }
  }

  /** The ledger is the sum over the tasks; who has used a budget to a threshold is told. */
  #isCounted(records: readonly TaskRecord[], uncounted: ReadonlySet<string>): void {
    if (uncounted.size > 0) return;
    const rows = this.#view.rows();
    const { budget } = this.#view.terms();
    for (const broken of brokenLedger(records, rows)) this.#broken(broken);
    for (const broken of budget ? untoldThresholds(records, rows, budget, this.#told) : [])
      this.#broken(broken);
  }

  budgetIsTold(id: string): void {
    this.#told.add(id);
  }

  #isOver(task: TaskTruth, record: TaskRecord): void {
    const { status, created, completed = Infinity } = record;
    if (!hasEnded(status)) this.#broken(`${task.name} is ${status} for ever`);
    else if ((completed - created) * 1000 > PENDING_MS)
      this.#broken(`${task.name} was pending for more than 25 hours`);
  }

  /** A caller hears of every outcome, if its server takes it within a day. */
  #wasDelivered(name: string, { id, status, callback_url, webhook }: TaskRecord): void {
    if (callback_url === undefined) return;
    if (!this.#webhooks.has(`${id}:${status}`)) this.#broken(`the webhook of ${name} never came`);
    if (webhook?.status !== 'delivered' && webhook?.status !== 'failed')
      this.#broken(`the webhook of ${name} is ${webhook?.status ?? 'not begun'} for ever`);
  }

  #wasPublished(name: string, record: TaskRecord, outcome: string, unpublished: ReadonlySet<string>): void {
    const isSeen = this.#events.has(`${record.id}:${outcome}`);
    if (!isSeen && !unpublished.has(record.id)) this.#broken(`the event ${name}:${outcome} never came`);
  }

  #isSwift = (name: string): boolean => this.#view.isCalm() && this.#view.isBehaving(name);

  #broken(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what);
  }
}

/** What of an outcome nobody may change, in one text. */
const endOf = ({ status, completed, images, lost, output, error, provider_task_id }: TaskRecord): string =>
  JSON.stringify([status, completed, images, lost, output, error, provider_task_id]);
